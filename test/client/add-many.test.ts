import {describe, expect, it} from 'vitest'

import {type TaskFields, TorqueError, addMany} from '../../src/index.js'
import {type SeenRequest, addedAll, answeringServer, closedPort} from './answering-server.js'

const url = 'http://localhost/hooks/do/foo'
const tasks = (count: number): TaskFields[] => Array.from({length: count}, (_, index) => ({url, id: `t${index}`}))
const countOf = ({body}: SeenRequest) => (body as unknown[]).length

describe('addMany', () => {
  it('sends one request and resolves to a result per task, in order', async () => {
    const server = await answeringServer(addedAll)

    const results = await addMany(tasks(3), {url: server.url})

    expect(results.map(({id}) => id)).toEqual(['t0', 't1', 't2'])
    expect(server.seen).toMatchObject([{path: '/tasks', body: tasks(3)}])
  })

  it('sends nothing for an empty list', async () => {
    expect(await addMany([], {url: await closedPort()})).toEqual([])
  })

  it('gives errors as values, in their places, whoever found them', async () => {
    const [good, , refused] = tasks(3)
    const server = await answeringServer(({body}) => {
      const [first] = body as TaskFields[]
      const error = {code: 'invalid_url', message: 'bad', field: 'url'}
      return {status: 200, body: [{id: first!.id, queue: 'default', state: 'ready', dueAt: null, duplicate: false}, {error}]}
    })

    const results = await addMany([good!, {url, params: {n: 1n}}, refused!], {url: server.url})

    expect(results).toMatchObject([{id: 't0', state: 'ready'}, {code: 'invalid_params'}, {code: 'invalid_url', id: 't2'}])
    expect(results.map((result) => result instanceof TorqueError)).toEqual([false, true, true])
  })

  it('sends at most 10,000 tasks at once', async () => {
    const server = await answeringServer(addedAll)

    const results = await addMany(tasks(20_001), {url: server.url})

    expect(server.seen.map(countOf)).toEqual([10_000, 10_000, 1])
    expect(results.at(-1)).toMatchObject({id: 't20000'})
  })

  it('sends at most 16 MiB at once', async () => {
    const server = await answeringServer(addedAll)
    const body = 'x'.repeat(6 * 1024 * 1024)

    await addMany(
      tasks(5).map((task) => ({...task, body})),
      {url: server.url},
    )

    expect(server.seen.map(countOf)).toEqual([2, 2, 1])
    expect(Math.max(...server.seen.map(({headers}) => Number(headers['content-length'])))).toBeLessThanOrEqual(16 * 1024 * 1024)
  })

  it('throws when nothing could be queued', async () => {
    await expect(addMany(tasks(2), {url: await closedPort(), retries: 0})).rejects.toMatchObject({code: 'server_unreachable'})
  })

  it('gives each task of a batch whose answer never came its own error and id', async () => {
    const server = await answeringServer('cut')

    const results = await addMany(tasks(2), {url: server.url, retries: 0})

    expect(results).toMatchObject([
      {code: 'outcome_unknown', id: 't0'},
      {code: 'outcome_unknown', id: 't1'},
    ])
  })

  it('keeps the results of what went before a failure and sends nothing after it', async () => {
    const server = await answeringServer(addedAll, 'cut')

    const results = await addMany(tasks(25_000), {url: server.url, retries: 0})

    expect(server.seen).toHaveLength(2)
    expect(results[9_999]).toMatchObject({id: 't9999', state: 'ready'})
    expect(results[10_000]).toMatchObject({id: 't10000', code: 'outcome_unknown'})
    expect(results[20_000]).toMatchObject({
      id: 't20000',
      code: 'server_unreachable',
      message: expect.stringContaining('not sent'),
    })
  })
})
