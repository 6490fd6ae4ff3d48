import {randomUUID} from 'node:crypto'

import type {NewTask} from '../../src/task/task.js'
import type {Outcome} from '../../src/task/verdict.js'

let made = 0

/** A valid task, due now, with whatever the test cares about. */
export function aTask(overrides: Partial<NewTask> = {}): NewTask {
  made += 1
  return {
    id: `task${String(made).padStart(6, '0')}${randomUUID().slice(0, 8)}`,
    queue: 'default',
    url: 'http://127.0.0.1:9/hooks/do/foo',
    method: 'POST',
    payload: {kind: 'params', text: '{"foo":"somevalue","baz":99}'},
    headers: {},
    flowKey: 'http://127.0.0.1:9',
    due: {delayMs: 0},
    dedupKeys: [],
    fingerprint: 'fingerprint',
    ...overrides,
  }
}

/** What a call came to: an empty 200 unless the test says otherwise. */
export function anOutcome(overrides: Partial<Outcome> = {}): Outcome {
  return {status: 200, error: null, message: null, durationMs: 5, response: null, retryAfter: null, noRetry: false, ...overrides}
}
