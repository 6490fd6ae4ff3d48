import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

/** An endpoint before a queue with a task in each state. */
async function openWithAllStates() {
  const all = await openEndpoint()
  const queue = all.store.queue('default')
  for (const state of ['dead', 'delivered', 'retrying', 'active', 'scheduled', 'ready'] as const)
    await bringTo(state, queue, {id: state})
  return all
}

describe('other paths and methods', () => {
  it.each([
    ['GET', '/', 404, 'not_found'],
    ['GET', '/hooks/add/', 404, 'not_found'],
    ['POST', '/HOOKS/ADD', 404, 'not_found'],
    ['POST', '/tasks/', 404, 'not_found'],
    ['GET', '//evil.example/tasks', 404, 'not_found'],
  ])('answers 404 in JSON to %s %s', async (method, path, status, code) => {
    const {ask} = await openEndpoint()

    const reply = await ask(path, {method})

    expect([reply.status, reply.body.error?.code]).toEqual([status, code])
  })

  it.each([
    ['GET', '/hooks/add', 'POST'],
    ['PUT', '/tasks', 'POST, GET, HEAD'],
    ['POST', '/tasks/a', 'GET, HEAD, DELETE'],
    ['OPTIONS', '/stats', 'GET, HEAD'],
    ['DELETE', '/healthz', 'GET, HEAD'],
  ])('answers 405 to %s %s and names what it takes', async (method, path, allow) => {
    const {ask} = await openEndpoint()

    const {status, headers, body} = await ask(path, {method})

    expect([status, headers.get('allow'), body.error?.code]).toEqual([405, allow, 'method_not_allowed'])
  })

  it('answers HEAD with the length of the body and no body', async () => {
    const {ask} = await openEndpoint()

    const {status, headers, text} = await ask('/tasks', {method: 'HEAD'})

    expect([status, headers.get('content-length'), text]).toEqual([200, String('{"tasks":[],"cursor":null}'.length), ''])
  })
})

describe('GET /stats', () => {
  it('counts by state, in all and by queue', async () => {
    const {ask} = await openWithAllStates()
    await ask('/tasks', {json: {url, queue: 'mails'}})

    const {status, body} = await ask('/stats')

    expect(status).toBe(200)
    expect(body.totals).toMatchObject({ready: 2, active: 1, retrying: 1, scheduled: 1, dead: 1, delivered: 1, addedTotal: 7})
    expect(body.queues.map(({name}) => name)).toEqual(['default', 'mails'])
    expect((await ask('/stats?queue=mails')).body.totals).toMatchObject({ready: 1, addedTotal: 1})
    expect((await ask('/stats?queue=never')).status).toBe(404)
  })
})

describe('CONNECT', () => {
  it('is answered in JSON, as any other method that nothing takes', async () => {
    const {port} = await openEndpoint()

    const raw = await sendRaw(port, 'CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n')

    expect(errorOf(raw)).toEqual({status: 405, code: 'method_not_allowed'})
  })
})
