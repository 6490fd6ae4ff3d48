import {describe, expect, it} from 'vitest'

import {openEndpoint} from '../support/endpoint.js'
import {aTask} from '../support/tasks.js'

const put = (json: unknown) => ({method: 'PUT', json})
const post = (json?: unknown) => ({method: 'POST', ...(json !== undefined && {json})})

describe('queues over HTTP', () => {
  it('are set, shown, paused and resumed', async () => {
    const {ask, bugs} = await openEndpoint()

    const set = await ask('/queues/mail', put({rate: '30/m', burst: 3, laneConcurrency: 2, timeout: '5s', waits: ['1s', '2s']}))
    const settings = {rate: 0.5, burst: 3, laneConcurrency: 2, timeoutMs: 5000, waitsMs: [1000, 2000], concurrency: null}
    expect(set).toMatchObject({status: 200, body: {name: 'mail', paused: false, settings}})
    expect((await ask('/queues/mail', put({rate: null, minBackoff: '3s'}))).body).toMatchObject({
      settings: {rate: null, burst: 3, minBackoffMs: 3000, waitsMs: null},
    })
    const paused = await ask('/queues/mail/pause', post({for: '2h', reason: 'rebuild'}))
    expect(paused.body).toMatchObject({paused: true, pauseReason: 'rebuild', pausedUntil: expect.stringMatching(/Z$/)})
    expect((await ask('/queues/mail')).body).toMatchObject({paused: true})
    expect((await ask('/queues/mail/resume', post())).body).toMatchObject({paused: false, pausedUntil: null, pauseReason: null})
    const {queues} = (await ask('/queues')).body as unknown as {queues: {name: string}[]}
    expect(queues.map(({name}) => name)).toEqual(['default', 'mail'])
    expect(bugs).toEqual([])
  })

  it('show the lanes that something holds back, and reset one', async () => {
    const {ask, store} = await openEndpoint()
    const queue = store.queue('default')
    await queue.add(Array.from({length: 7}, () => aTask({flowKey: 'http://a.example'})))
    const {claims} = await queue.claim({leaseMs: 15_000, limit: 6, laneConcurrency: 0, lostLimit: 0, free: 100})
    const verdict = {op: 'retry', waitMs: 60_000, target: {quietMs: 0}} as const
    await queue.settle(
      claims.map(({task, attempt, run}) => ({task, attempt, verdict: {...verdict, run: {...run, attempts: 1, errors: 1}}})),
      {keepDelivered: 10},
    )

    const {lanes} = (await ask('/queues/default/lanes')).body as unknown as {lanes: unknown[]}
    expect(lanes).toMatchObject([{flowKey: 'http://a.example', isSetAside: true, failures: 6, waiting: 7, due: 1, active: 0}])
    expect((await ask('/queues/default')).body).toMatchObject({lanesSetAside: 1})
    const reset = await ask('/queues/default/lanes/reset', post({flowKey: 'http://a.example'}))
    expect(reset).toMatchObject({status: 200, body: {flowKey: 'http://a.example', reset: true}})
    expect((await ask('/queues/default/lanes')).body).toEqual({lanes: []})
    expect((await ask('/queues/default/lanes/reset', post({flowKey: 'http://a.example'}))).status).toBe(404)
  })

  it('say what is wrong, and change nothing', async () => {
    const {ask, bugs} = await openEndpoint()
    const refusals: [path: string, request: object, status: number, code: string][] = [
      ['/queues/default', put({rate: 'fast'}), 400, 'invalid_setting'],
      ['/queues/default', put({rate: 0}), 400, 'invalid_setting'],
      ['/queues/default', put({rate: {}}), 400, 'invalid_setting'],
      ['/queues/default', put({concurrency: 1.5}), 400, 'invalid_setting'],
      ['/queues/default', put({concurrency: 2, timeout: '1ms'}), 400, 'invalid_timeout'],
      ['/queues/default', put({waits: '1s', factor: 2}), 400, 'invalid_backoff'],
      ['/queues/default', put({colour: 'red'}), 400, 'unknown_field'],
      ['/queues/default', put([]), 400, 'invalid_json'],
      ['/queues/Default', put({rate: 1}), 400, 'invalid_queue'],
      ['/queues/default/pause', post({for: 'ever'}), 400, 'invalid_setting'],
      ['/queues/default/pause', post({why: 'x'}), 400, 'unknown_field'],
      ['/queues/default/lanes/reset', post({}), 400, 'invalid_flow_key'],
      ['/queues/unknown/pause', post(), 404, 'no_such_queue'],
      ['/queues/unknown', {}, 404, 'no_such_queue'],
      ['/queues?queue=x', {}, 400, 'unknown_field'],
      ['/queues', post(), 405, 'method_not_allowed'],
    ]

    for (const [path, request, status, code] of refusals) {
      const answer = await ask(path, request)
      expect({path, request, status: answer.status, code: answer.body.error?.code}).toEqual({path, request, status, code})
    }
    const {settings} = (await ask('/queues/default')).body as unknown as {settings: object}
    expect(Object.values(settings).every((value) => value === null)).toBe(true)
    expect(bugs).toEqual([])
  })
})
