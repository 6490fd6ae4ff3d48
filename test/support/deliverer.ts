import {onTestFinished} from 'vitest'

import {type Call, Deliverer, type DelivererOptions} from '../../src/dispatch/deliver.js'
import type {EgressJudge} from '../../src/dispatch/egress.js'
import type {Task} from '../../src/task/task.js'

/** Denies nothing. */
export const anywhere: EgressJudge = {judge: () => null, judgeName: () => null}

/** A Deliverer that may call anywhere unless told otherwise, closed when the test ends. */
export function openDeliverer(options: Partial<DelivererOptions> = {}): Deliverer {
  const deliverer = new Deliverer({userAgent: 'torque/1.2.3', connections: 10, egress: anywhere, ...options})
  onTestFinished(() => deliverer.close())
  return deliverer
}

/** A call of a task without a payload, with whatever is given in its place. */
export function callTo(url: string, task: Partial<Task> = {}, call: Partial<Call> = {}): Call {
  const defaults: Task = {
    id: 'task-1',
    url,
    method: 'POST',
    payload: {kind: 'none'},
    headers: {},
    flowKey: new URL(url).origin,
    createdAt: 0,
    dedupKeys: [],
  }
  return {
    task: {...defaults, ...task},
    queue: 'default',
    attempt: 1,
    maxErrors: 10,
    isLast: false,
    startedAt: Date.UTC(2030, 0, 1),
    timeoutMs: 10_000,
    ...call,
  }
}
