import {describe, expect, it} from 'vitest'

import {TorqueError} from '../../src/errors.js'
import {failingAdd, openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

describe('adding while Redis is away', () => {
  it.each(['redis_unavailable', 'queue_full'] as const)('answers 503 and Retry-After for %s', async (code) => {
    const {ask} = await openEndpoint({add: failingAdd(code)})

    const replies = [
      await ask('/hooks/add', {form: {url}}),
      await ask('/tasks', {json: {url}}),
      await ask('/tasks', {json: [{url}, {url: 'bad'}]}),
    ]

    expect(replies.map(({status, body}) => [status, body.error?.code])).toEqual(replies.map(() => [503, code]))
    for (const {headers} of replies) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('names each task whose outcome is unknown, so that it can be sent again', async () => {
    const {ask} = await openEndpoint({add: failingAdd('outcome_unknown')})

    const one = await ask('/hooks/add', {form: {url}})
    const many = await ask('/tasks', {json: [{url, id: 'a'}, {url: 'bad'}, {url, id: 'b'}]})

    expect([one.status, one.body.error]).toMatchObject([
      503,
      {code: 'outcome_unknown', id: expect.stringMatching(/^[0-9a-z]{20}$/)},
    ])
    expect([many.status, many.list.map(({error}) => [error?.code, error?.id])]).toEqual([
      200,
      [
        ['outcome_unknown', 'a'],
        ['invalid_url', undefined],
        ['outcome_unknown', 'b'],
      ],
    ])
  })

  it('does not try the rest of a batch, and says which tasks are queued', async () => {
    let calls = 0
    const {ask} = await openEndpoint({
      add: (queue, tasks) => {
        calls++
        if (calls > 1) return Promise.resolve(tasks.map(() => new TorqueError('redis_unavailable', 'gone')))
        return Promise.resolve(tasks.map(({id}) => ({id, queue, state: 'ready' as const, dueAt: 0, duplicate: false})))
      },
    })

    const {status, list} = await ask('/tasks', {json: Array.from({length: 2000}, () => ({url}))})

    const failed = list.filter(({error}) => error?.code === 'redis_unavailable')
    expect([status, calls, failed.length]).toEqual([200, 2, 1500])
  })

  it('answers 500 to a bug, tells the log and nobody else', async () => {
    const {ask, bugs} = await openEndpoint({add: () => Promise.reject(new Error('secret of ours'))})

    const replies = [await ask('/hooks/add', {form: {url}}), await ask('/tasks', {json: [{url}]})]

    expect(replies.map(({status, body}) => [status, body.error?.code])).toEqual([
      [500, 'internal'],
      [500, 'internal'],
    ])
    expect(replies.some(({text}) => text.includes('secret'))).toBe(false)
    expect(bugs).toMatchObject([{err: {message: 'secret of ours'}, path: '/hooks/add'}, {path: '/tasks'}])
  })
})
