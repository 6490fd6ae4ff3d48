import {describe, expect, it} from 'vitest'

import {stringifyJson} from '../../src/task/raw-json.js'
import {type Payload, type TaskRecord, type TaskState, newRun} from '../../src/task/task.js'
import {addView, isoInstant, taskView} from '../../src/task/view.js'

const limits = {maxErrors: 10, timeoutMs: 30_000}
const at = (time: string) => Date.parse(`2026-11-23T${time}Z`)

/** The task of the contract's example. */
const example: TaskRecord = {
  task: {
    id: '0hx3k9w2m4q7r1t5v8yz',
    url: 'http://mywebservice.com/hooks/do/foo',
    method: 'POST',
    payload: {kind: 'params', text: '{"foo": "somevalue", "baz": 99}'},
    headers: {},
    flowKey: 'http://mywebservice.com',
    createdAt: at('17:00:00.000'),
    dedupKeys: ['k:secret'],
  },
  queue: 'default',
  state: 'retrying',
  run: {
    attempts: 2,
    errors: 2,
    lostLeases: 0,
    history: [
      {
        attempt: 1,
        startedAt: at('17:00:00.001'),
        durationMs: 12,
        status: 503,
        error: 'http_status',
        message: '503 Service Unavailable',
        response: 'first bytes',
      },
      {
        attempt: 2,
        startedAt: at('17:00:02.100'),
        durationMs: 3,
        status: null,
        error: 'timeout',
        message: 'no answer within 30 s',
        response: null,
      },
    ],
  },
  dueAt: at('17:00:08.000'),
  leaseEndsAt: null,
  endedAt: null,
}

const withTask = (changes: Partial<TaskRecord['task']>) => ({...example, task: {...example.task, ...changes}})
const withPayload = (payload: Payload) => taskView(withTask({payload}), limits)

describe('taskView', () => {
  it('is the contract`s task', () => {
    expect(stringifyJson(taskView(example, limits))).toBe(
      JSON.stringify({
        id: '0hx3k9w2m4q7r1t5v8yz',
        queue: 'default',
        state: 'retrying',
        url: 'http://mywebservice.com/hooks/do/foo',
        method: 'POST',
        params: 'PARAMS',
        headers: {},
        flowKey: 'http://mywebservice.com',
        createdAt: '2026-11-23T17:00:00.000Z',
        dueAt: '2026-11-23T17:00:08.000Z',
        endedAt: null,
        attempt: 2,
        errors: 2,
        lostLeases: 0,
        maxErrors: 10,
        timeoutMs: 30_000,
        lastError: {code: 'timeout', status: null, message: 'no answer within 30 s'},
      }).replace('"PARAMS"', '{"foo": "somevalue", "baz": 99}'),
    )
  })

  it('adds the attempts where they are asked for', () => {
    expect(taskView(example, limits, {attempts: true}).attempts).toEqual([
      {
        attempt: 1,
        startedAt: '2026-11-23T17:00:00.001Z',
        durationMs: 12,
        status: 503,
        error: 'http_status',
        message: '503 Service Unavailable',
        response: 'first bytes',
      },
      {
        attempt: 2,
        startedAt: '2026-11-23T17:00:02.100Z',
        durationMs: 3,
        status: null,
        error: 'timeout',
        message: 'no answer within 30 s',
        response: null,
      },
    ])
    expect(taskView({...example, run: newRun}, limits, {attempts: true}).attempts).toEqual([])
  })

  it.each<[Payload, string]>([
    [{kind: 'none'}, '{"params":{}}'],
    [{kind: 'params', text: '{"b":1.0,"a":1e20,"__proto__":null}'}, '{"params":{"b":1.0,"a":1e20,"__proto__":null}}'],
    [{kind: 'json', text: 'null'}, '{"json":null}'],
    [{kind: 'json', text: '[1.0, 12345678901234567890]'}, '{"json":[1.0, 12345678901234567890]}'],
    [{kind: 'body', text: 'a\n"b"', contentType: 'text/plain'}, '{"body":"a\\n\\"b\\"","contentType":"text/plain"}'],
  ])('shows one payload, as it was written: %j', (payload, text) => {
    const {params, json, body, contentType} = withPayload(payload)

    expect(stringifyJson({params, json, body, contentType})).toBe(text)
  })

  it.each<[TaskState, Partial<TaskRecord>, object]>([
    ['scheduled', {dueAt: 5}, {dueAt: '1970-01-01T00:00:00.005Z', endedAt: null, attempt: 2}],
    ['ready', {dueAt: 0}, {dueAt: '1970-01-01T00:00:00.000Z', endedAt: null, attempt: 2}],
    ['active', {dueAt: null, leaseEndsAt: 5}, {dueAt: null, endedAt: null, leaseEndsAt: '1970-01-01T00:00:00.005Z', attempt: 3}],
    ['dead', {dueAt: null, endedAt: 5}, {dueAt: null, endedAt: '1970-01-01T00:00:00.005Z', attempt: 2}],
    ['delivered', {dueAt: null, endedAt: 5}, {dueAt: null, endedAt: '1970-01-01T00:00:00.005Z', attempt: 2}],
  ])('shows when, for a task that is %s', (state, changes, view) => {
    expect(taskView({...example, ...changes, state}, limits)).toMatchObject({state, ...view})
  })

  it('has a lease for an active task only', () => {
    expect(taskView(example, limits)).not.toHaveProperty('leaseEndsAt')
  })

  it('counts the attempt that runs', () => {
    expect(taskView({...example, state: 'active', run: newRun, dueAt: null, leaseEndsAt: 5}, limits).attempt).toBe(1)
    expect(taskView({...example, state: 'ready', run: newRun}, limits)).toMatchObject({attempt: 0, errors: 0, lastError: null})
  })

  it('shows the limits that hold: the task`s own over the given ones', () => {
    expect(taskView(withTask({maxErrors: 3}), limits)).toMatchObject({maxErrors: 3, timeoutMs: 30_000})
    expect(taskView(withTask({timeoutMs: 1000}), limits)).toMatchObject({maxErrors: 10, timeoutMs: 1000})
  })

  it('keeps the last error in sight after a success', () => {
    const success = {...example.run.history[0]!, attempt: 3, status: 200, error: null, message: null}
    const run = {...example.run, attempts: 3, history: [...example.run.history, success]}

    expect(taskView({...example, state: 'delivered', run}, limits).lastError).toMatchObject({code: 'timeout'})
  })

  it('does not show dedup keys', () => {
    expect(stringifyJson(taskView(example, limits, {attempts: true}))).not.toContain('secret')
  })
})

describe('addView', () => {
  it('is what an add answers, with an ISO instant', () => {
    const result = {id: 'a', queue: 'q', state: 'scheduled' as const, dueAt: 5, duplicate: false, more: 'hidden'}

    expect(addView(result)).toEqual({
      id: 'a',
      queue: 'q',
      state: 'scheduled',
      dueAt: '1970-01-01T00:00:00.005Z',
      duplicate: false,
    })
    expect(addView({...result, dueAt: null}).dueAt).toBeNull()
  })
})

describe('isoInstant', () => {
  it.each([
    [null, null],
    [0, '1970-01-01T00:00:00.000Z'],
    [at('17:00:00.007'), '2026-11-23T17:00:00.007Z'],
  ])('of %j is %j', (ms, text) => {
    expect(isoInstant(ms)).toBe(text)
  })
})
