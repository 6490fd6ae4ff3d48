import {describe, expect, it} from 'vitest'

import {exportTask, importTask} from '../../src/task/portable-task.js'
import {stringifyJson} from '../../src/task/raw-json.js'
import type {Payload, TaskRecord} from '../../src/task/task.js'

const now = Date.UTC(2030, 0, 1)

function aRecord(changes: Partial<TaskRecord> & {payload?: Payload} = {}): TaskRecord {
  const {payload = {kind: 'params', text: '{"n": 1.0, "big": 12345678901234567890, "2": "b", "1": "a"}'}, ...rest} = changes
  return {
    task: {
      id: 'order_1',
      url: 'http://a.example/x?y=1',
      method: 'PUT',
      payload,
      headers: {'x-one': 'é'},
      flowKey: 'mine',
      createdAt: now - 5000,
      dedupKeys: ['i:order_1', 'k:key'],
      timeoutMs: 5000,
      maxErrors: 3,
      waitsMs: [1500, 60_000],
      maxAgeMs: 3_600_000,
      noRetry: '400,5xx',
    },
    queue: 'mails',
    state: 'retrying',
    run: {
      attempts: 7,
      errors: 2,
      lostLeases: 1,
      dueSince: now - 4000,
      history: [
        {
          attempt: 6,
          startedAt: now - 3000,
          durationMs: 12,
          status: 503,
          error: 'http_status',
          message: '503',
          response: 'a\u0000b',
        },
        {attempt: 7, startedAt: null, durationMs: null, status: null, error: 'lease_lost', message: null, response: null},
      ],
    },
    dueAt: now + 1000,
    leaseEndsAt: null,
    endedAt: null,
    ...rest,
  }
}

const dedup = {keys: ['i:order_1', 'k:key'], fingerprint: 'abc-_9'}
const line = (record: TaskRecord, options = {dedup, history: true}) => stringifyJson(exportTask(record, options))
const read = (text: string, options = {}) => importTask(text, {now, ...options})
/** A line with some of its members replaced. */
const changed = (changes: object) => JSON.stringify({...(JSON.parse(line(aRecord())) as object), ...changes})

describe('an exported task', () => {
  it('comes back as what it was', () => {
    const {task, run} = aRecord()

    const back = read(line(aRecord()))

    const {createdAt, ...same} = task
    expect(back.task).toEqual({
      ...same,
      queue: 'mails',
      due: {at: now + 1000},
      dedupKeys: ['i:order_1', 'k:key', 'm:order_1'],
      fingerprint: 'abc-_9',
    })
    expect(back).toMatchObject({createdAt, state: 'retrying', at: now + 1000, run})
  })

  it.each<[Payload]>([
    [{kind: 'none'}],
    [{kind: 'json', text: 'null'}],
    [{kind: 'json', text: '[1.0,\n\t{"a": "\u202eé"}]'}],
    [{kind: 'params', text: '{"a":\r\n"ü"}'}],
    [{kind: 'body', text: ' \u0000 é ', contentType: 'text/x'}],
  ])('keeps its payload to the letter: %j', (payload) => {
    expect(read(line(aRecord({payload}))).task.payload).toEqual(payload)
  })

  it.each([
    ['dead', 'dead'],
    ['delivered', 'delivered'],
  ] as const)('is %s where it was', (state, expected) => {
    const record = aRecord({state, dueAt: null, endedAt: now - 10})

    expect(read(line(record))).toMatchObject({state: expected, at: now - 10})
    expect(read(line(record), {asNew: true})).toMatchObject({state: 'ready', at: now, run: {attempts: 0, errors: 0, history: []}})
  })

  it('is waiting again when its lease ends, where it was active', () => {
    const active = {state: 'active', dueAt: null, leaseEndsAt: now + 9} as const
    const {run} = aRecord()

    expect(read(line(aRecord(active)))).toMatchObject({state: 'retrying', at: now + 9, run: {attempts: 7}})
    expect(read(line(aRecord({...active, run: {...run, errors: 0}})))).toMatchObject({state: 'ready', at: now + 9})
  })

  it('waits as its errors say, whatever state the line names', () => {
    const {run} = aRecord()
    const waiting = (state: 'retrying' | 'scheduled', errors: number) => read(line(aRecord({state, run: {...run, errors}}))).state

    expect([waiting('scheduled', 2), waiting('retrying', 0)]).toEqual(['retrying', 'ready'])
  })

  it('leaves out its history when told to, on either side', () => {
    expect(read(line(aRecord(), {dedup, history: false})).run.history).toEqual([])
    expect(read(line(aRecord()), {history: false}).run).toMatchObject({attempts: 7, errors: 2, history: []})
  })

  it('goes to another queue when told to', () => {
    expect(read(line(aRecord()), {queue: 'other'}).task.queue).toBe('other')
  })
})

describe('a line is refused', () => {
  it.each([
    ['nonsense', 'invalid_json'],
    ['[]', 'invalid_json'],
    ['{}', 'invalid_request'],
    [changed({torque: 2}), 'invalid_request'],
    [changed({color: 'red'}), 'unknown_field'],
    [changed({id: 'a b'}), 'invalid_id'],
    [changed({id: undefined}), 'invalid_request'],
    [changed({url: 'ftp://a/'}), 'invalid_url'],
    [changed({headers: {host: 'a'}}), 'invalid_headers'],
    [changed({json: 1}), 'invalid_request'],
    [changed({queue: 'A'}), 'invalid_queue'],
    [changed({state: 'active'}), 'invalid_state'],
    [changed({state: 'gone'}), 'invalid_state'],
    [changed({state: 'dead'}), 'invalid_request'],
    [changed({dueAt: 'soon'}), 'invalid_request'],
    [changed({dueAt: '2039-01-01T00:00:00.000Z'}), 'invalid_request'],
    [changed({createdAt: null}), 'invalid_request'],
    [changed({policy: {timeoutMs: 1}}), 'invalid_timeout'],
    [changed({policy: {color: 1}}), 'unknown_field'],
    [changed({policy: null}), 'invalid_request'],
    [changed({attempt: -1}), 'invalid_request'],
    [changed({errors: 1.5}), 'invalid_request'],
    [changed({attempts: {}}), 'invalid_request'],
    [changed({attempts: [null]}), 'invalid_request'],
    [changed({attempts: [{attempt: 1, error: 'odd'}]}), 'invalid_request'],
    [changed({attempts: [{attempt: 1, status: 'x'}]}), 'invalid_request'],
    [changed({attempts: [{attempt: 1, response: 'x'.repeat(5000)}]}), 'invalid_request'],
    [changed({attempts: Array.from({length: 21}, () => ({attempt: 1}))}), 'invalid_request'],
    [changed({dedup: null}), 'invalid_request'],
    [changed({dedup: {keys: ['i:other'], fingerprint: 'a'}}), 'invalid_request'],
    [changed({dedup: {keys: ['k:a'], fingerprint: 'a\tb'}}), 'invalid_request'],
  ])('%.100s: %s', (text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({code}))
  })
})
