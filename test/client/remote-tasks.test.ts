import {describe, expect, it} from 'vitest'

import {RemoteTasks} from '../../src/client/remote-tasks.js'
import {type SeenRequest, addedAll, answeringServer, closedPort} from './answering-server.js'

const target = 'http://localhost/hooks/do/foo'
const tasks = (count: number) => Array.from({length: count}, (_, index) => ({url: target, id: `t${index}`}))
const countOf = ({body}: SeenRequest) => (body as unknown[]).length
const open = (url: string) => new RemoteTasks({url, urlFrom: '--server', retries: 0})

describe('RemoteTasks', () => {
  it('adds in as many requests as the server takes', async () => {
    const server = await answeringServer(addedAll)

    const results = await open(server.url).add(tasks(10_001))

    expect(server.seen.map(countOf)).toEqual([10_000, 1])
    expect(results.at(-1)).toMatchObject({id: 't10000', state: 'ready'})
  })

  it('gives each task of a batch whose answer never came its own error and id, made here or given', async () => {
    const server = await answeringServer('cut')

    const results = await open(server.url).add([{url: target}, ...tasks(1)])

    expect(results).toMatchObject([
      {code: 'outcome_unknown', id: expect.stringMatching(/^[0-9a-z]{20}$/)},
      {code: 'outcome_unknown', id: 't0'},
    ])
  })

  it('gives a task that cannot be sent its own error', async () => {
    const server = await answeringServer(addedAll)

    expect(await open(server.url).add([{url: target, json: '{'}, ...tasks(1)])).toMatchObject([
      {code: 'invalid_json'},
      {id: 't0'},
    ])
  })

  it('names where its url came from when nobody answers there', async () => {
    await expect(open(await closedPort()).add(tasks(1))).rejects.toMatchObject({
      code: 'server_unreachable',
      hint: expect.stringContaining('name another with --server'),
    })
  })

  it('reads how far a task has come, and queues nothing by it that could be unknown', async () => {
    const server = await answeringServer(
      {status: 200, body: {state: 'ready'}},
      {status: 404, body: {error: {code: 'no_such_task', message: 'no'}}},
      'cut',
    )
    const remote = open(`${server.url}/behind/`)

    expect(await remote.progress('a', 'mail')).toEqual({state: 'ready'})
    expect(await remote.progress('a', 'mail')).toBeNull()
    await expect(remote.progress('a', 'mail')).rejects.toMatchObject({code: 'server_unreachable'})
    expect(server.seen[0]).toMatchObject({method: 'GET', path: '/behind/tasks/a?queue=mail'})
  })
})
