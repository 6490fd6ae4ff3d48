import {describe, expect, it} from 'vitest'

import {Task} from '../../src/index.js'
import {added, answeringServer} from './answering-server.js'

const url = 'http://localhost/hooks/do/foo'

describe('Task', () => {
  it('is added as often as it is told, each time a task of its own', async () => {
    const server = await answeringServer(added)
    const task = new Task({url, params: {a: 1}})

    const results = await Promise.all([task.add({url: server.url}), task.add({url: server.url})])

    expect(new Set(results.map(({id}) => id)).size).toBe(2)
  })

  it('goes by the same id again after a failure', async () => {
    const server = await answeringServer('cut', added)
    const task = new Task({url})
    await task.add({url: server.url, retries: 0}).catch(() => {})

    await task.add({url: server.url})

    expect(server.seen[1]?.body).toEqual(server.seen[0]?.body)
  })
})
