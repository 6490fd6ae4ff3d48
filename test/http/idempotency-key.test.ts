import {describe, expect, it} from 'vitest'

import {openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

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

  it('adds one task however many ask at once', async () => {
    const {ask, store} = await openEndpoint()

    const replies = await Promise.all(Array.from({length: 200}, () => ask('/hooks/add', once)))

    expect(new Set(replies.map(({body}) => body.id)).size).toBe(1)
    expect(replies.filter(({body}) => !body.duplicate)).toHaveLength(1)
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
