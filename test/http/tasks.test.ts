import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {bringTo} from '../support/attempts.js'
import {openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

/** An endpoint before a queue with a task in each state. */
async function openWithAllStates() {
  const all = await openEndpoint()
  const queue = all.store.queue('default')
  for (const state of ['dead', 'delivered', 'retrying', 'active', 'scheduled', 'ready'] as const)
    await bringTo(state, queue, {id: state})
  return all
}

describe('GET /tasks', () => {
  it('pages through all tasks, state by state, without their attempts', async () => {
    const {ask} = await openWithAllStates()
    const ids: string[] = []

    for (let path: string | null = '/tasks?limit=4'; path;) {
      const {status, body} = await ask(path)
      expect(status).toBe(200)
      expect(body.tasks.every((task) => !('attempts' in task))).toBe(true)
      ids.push(...body.tasks.map(({id}) => id))
      path = body.cursor && `/tasks?limit=4&cursor=${body.cursor}`
    }

    expect(ids).toEqual([...taskStates])
  })

  it('filters by states, several with commas or repeated, and by queue', async () => {
    const {ask} = await openWithAllStates()
    await ask('/tasks', {json: {url, queue: 'mails', id: 'mail'}})
    const idsOf = async (path: string) => (await ask(path)).body.tasks.map(({id}) => id)

    expect(await idsOf('/tasks?state=dead')).toEqual(['dead'])
    expect(await idsOf('/tasks?state=dead,ready&queue=default')).toEqual(['ready', 'dead'])
    expect(await idsOf('/tasks?state=dead&state=ready&queue=mails')).toEqual(['mail'])
    expect(await idsOf('/tasks?state=all&queue=mails')).toEqual(['mail'])
  })

  it('takes every filter, and all must hold', async () => {
    const {ask} = await openWithAllStates()
    await ask('/tasks', {
      json: {url: 'http://mails.example/send', params: {customer: 4711, kind: 'a b'}, id: 'mail', flowKey: 'm'},
    })
    const idsOf = async (path: string) => (await ask(path)).body.tasks.map(({id}) => id)

    expect(await idsOf('/tasks?host=mails.example&url=*%2Fsend')).toEqual(['mail'])
    expect(await idsOf('/tasks?param=customer%3D4711&param=kind%3Da+b&newerThan=1h&idPrefix=m')).toEqual(['mail'])
    expect(await idsOf('/tasks?flowKey=m&state=ready')).toEqual(['mail'])
    expect(await idsOf('/tasks?flowKey=m&minErrors=1')).toEqual([])
    expect(await idsOf('/tasks?minErrors=1&olderThan=0')).toEqual(['retrying', 'dead'])
    expect(await idsOf('/tasks?minErrors=1&status=none&error=timeout')).toEqual([])
  })

  it('answers an empty page for an empty queue', async () => {
    const {ask} = await openEndpoint()

    expect((await ask('/tasks')).body).toEqual({tasks: [], cursor: null})
  })

  it.each([
    ['/tasks?state=done', 400, 'invalid_state'],
    ['/tasks?limit=0', 400, 'invalid_limit'],
    ['/tasks?limit=1001', 400, 'invalid_limit'],
    ['/tasks?limit=1e3', 400, 'invalid_limit'],
    ['/tasks?limit=-1', 400, 'invalid_limit'],
    ['/tasks?url=/hooks/*', 400, 'invalid_filter'],
    ['/tasks?host=a&host=b', 400, 'invalid_filter'],
    ['/tasks?status=done', 400, 'invalid_filter'],
    ['/tasks?param=customer', 400, 'invalid_filter'],
    ['/tasks?olderThan=long', 400, 'invalid_duration'],
    ['/tasks?older-than=1h', 400, 'unknown_field'],
    ['/tasks?cursor=nonsense', 400, 'invalid_cursor'],
    ['/tasks?queue=A', 400, 'invalid_queue'],
    ['/tasks?queue=never', 404, 'no_such_queue'],
    ['/tasks?sort=id', 400, 'unknown_field'],
    ['/tasks?state=%zz', 400, 'invalid_request'],
    ['/tasks/nobody', 404, 'no_such_task'],
    ['/tasks/nobody?queue=never', 404, 'no_such_queue'],
    ['/tasks/nobody?x=1', 400, 'unknown_field'],
    [`/tasks/${'a'.repeat(5000)}`, 404, 'not_found'],
    ['/tasks/%zz', 400, 'invalid_request'],
    ['/tasks/a%2Fb%00', 404, 'no_such_task'],
  ])('refuses %s', async (path, status, code) => {
    const {ask, bugs} = await openEndpoint()

    const reply = await ask(path)

    expect([reply.status, reply.body.error?.code, bugs]).toEqual([status, code, []])
  })
})
