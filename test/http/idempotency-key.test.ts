import {describe, expect, it, onTestFinished} from 'vitest'

import {AddBatchers} from '../../src/queue/add-batchers.js'
import type {Store} from '../../src/queue/store.js'
import {type ReplyBody, openEndpoint, sendRaw} from '../support/endpoint.js'
import {openTestStore} from '../support/open-store.js'
import {TcpProxy} from '../support/tcp-proxy.js'

const url = 'http://mywebservice.com/hooks/do/foo'

/** An endpoint that writes as that of serve does. */
async function openBatching(store: Store) {
  const adds = new AddBatchers(store)
  return (await openEndpoint({store, add: (queue, tasks) => adds.add(queue, tasks)})).port
}

/** As many requests with one key, of one content or of another. */
function fifty(isOther: boolean): string {
  const body = `url=${encodeURIComponent(url)}&delay=${isOther ? 61 : 60}`
  const request = (last: boolean) =>
    `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: order 17\r\nContent-Length: ${body.length}\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nConnection: ${last ? 'close' : 'keep-alive'}\r\n\r\n${body}`
  return Array.from({length: 50}, (_, index) => request(index === 49)).join('')
}

describe('Idempotency-Key', () => {
  const once = {form: {url, delay: '60'}, headers: {'idempotency-key': 'order 17'}}

  it('answers a repeat with the same id and adds nothing', async () => {
    const {ask, store} = await openEndpoint()

    const [first, again, json] = [
      await ask('/hooks/add', once),
      await ask('/hooks/add', once),
      await ask('/tasks', {json: {url, delay: 60, idempotencyKey: 'order 17'}}),
    ]

    expect(again.body).toEqual({...first.body, duplicate: true})
    expect([json.status, json.body]).toEqual([200, again.body])
    expect((await store.inspector.stats()).totals.scheduled).toBe(1)
  })

  it('answers 409 for other content under the same key', async () => {
    const {ask} = await openEndpoint()
    const {body} = await ask('/hooks/add', once)

    const other = await ask('/hooks/add', {...once, form: {url, delay: '61'}})

    expect([other.status, other.body.error?.code, other.body.error?.id]).toEqual([409, 'idempotency_conflict', body.id])
  })

  it('adds one task, and refuses all other content, where 1,000 ask two serves at once', async () => {
    const {store, namespace} = await openTestStore({clock: undefined})
    const other = (await openTestStore({clock: undefined, namespace})).store
    const ports = [await openBatching(store), await openBatching(other)]

    // On 20 connections, 50 on each without waiting for an answer.
    const raw = await Promise.all(Array.from({length: 20}, (_, index) => sendRaw(ports[index % 2]!, fifty(index % 10 === 9))))
    const replies = raw
      .join('')
      .match(/^\{.*\}(?=HTTP|$)/gm)!
      .map((text) => JSON.parse(text) as ReplyBody)

    const [taken, refused] = [replies.filter(({error}) => !error), replies.filter(({error}) => error)]
    expect(replies).toHaveLength(1000)
    expect(new Set(replies.map(({id, error}) => error?.id ?? id)).size).toBe(1)
    expect(taken.filter(({duplicate}) => !duplicate)).toHaveLength(1)
    expect([100, 900]).toContain(taken.length)
    expect(new Set(refused.map(({error}) => error?.code))).toEqual(new Set(['idempotency_conflict']))
    expect((await store.inspector.stats()).totals.addedTotal).toBe(1)
  })

  it.each([
    ['request', false],
    ['answer', true],
  ] as const)('lets a producer whose %s was lost send it again: nothing is added twice', async (what, wasAdded) => {
    const {url: origin, port, store} = await openEndpoint()
    const proxy = await new TcpProxy({host: '127.0.0.1', port}).listen()
    onTestFinished(() => proxy.close())
    const send = () => {
      const {headers, form} = once
      return fetch(origin.replace(String(port), String(proxy.port)) + '/hooks/add', {
        method: 'POST',
        headers: {...headers, connection: 'close'},
        body: new URLSearchParams(form),
      })
    }
    if (what === 'request') proxy.loseNextRequest()
    else proxy.loseNextAnswer()

    await expect(send()).rejects.toThrow('fetch failed')
    const again = await send()

    expect(await again.json()).toMatchObject({duplicate: wasAdded})
    expect((await store.inspector.stats()).totals.addedTotal).toBe(1)
  })

  it.each(['/hooks/add', '/tasks'])('is refused at %s where the field says another', async (route) => {
    const {ask, tasks} = await openEndpoint()
    const headers = {'idempotency-key': 'order 17'}

    const differing = await ask(route, {json: {url, idempotencyKey: 'order 18'}, headers})
    const agreeing = await ask(route, {json: {url, idempotencyKey: ' order 17'}, headers})

    expect([differing.status, differing.body.error?.code]).toEqual([400, 'invalid_idempotency_key'])
    expect(agreeing.status).toBeLessThan(300)
    expect(tasks).toHaveLength(1)
  })

  it('goes along with an id, and does not lead to the task of another one', async () => {
    const {ask, store} = await openEndpoint()
    const add = (id: string, key: string) => ask('/hooks/add', {form: {url, id, delay: '60'}, headers: {'idempotency-key': key}})
    await add('one', 'a')

    const again = await add('one', 'a')
    const otherKey = await add('one', 'b')
    const otherId = await add('two', 'a')
    const byKey = await ask('/hooks/add', {form: {url, delay: '60'}, headers: {'idempotency-key': 'a'}})

    expect([again, otherKey, byKey].map(({body}) => [body.id, body.duplicate])).toEqual([
      ['one', true],
      ['one', true],
      ['one', true],
    ])
    expect([otherId.status, otherId.body.error]).toEqual([
      409,
      expect.objectContaining({code: 'idempotency_conflict', id: 'one'}),
    ])
    expect((await store.inspector.stats()).totals.addedTotal).toBe(1)
  })
})
