import {describe, expect, it} from 'vitest'

import type {Payload, Task} from '../../src/task/task.js'
import {callTo, openDeliverer} from '../support/deliverer.js'
import {openReceiver} from '../support/receiver.js'

/** Delivers one task and returns the call as the receiver had it. */
async function deliverOne(task: Partial<Task>, path = '/hook') {
  const receiver = await openReceiver()
  const outcome = await openDeliverer().deliver(callTo(receiver.url(path), task))
  expect(outcome.error).toBeNull()
  return receiver.calls[0]!
}

const form = 'application/x-www-form-urlencoded'

describe('deliver', () => {
  it('reports a 2xx as an outcome without an error', async () => {
    const receiver = await openReceiver({status: 202, body: 'thanks'})

    const outcome = await openDeliverer().deliver(callTo(receiver.url()))

    expect(outcome).toEqual({
      status: 202,
      error: null,
      message: null,
      durationMs: expect.any(Number) as number,
      timing: {dnsMs: null, connectMs: expect.any(Number) as number, tlsMs: null, firstByteMs: expect.any(Number) as number},
      response: 'thanks',
      retryAfter: null,
      noRetry: false,
    })
  })

  it('says which task, queue and attempt it is, and when it began', async () => {
    const receiver = await openReceiver()
    const call = callTo(receiver.url(), {id: 'my-task'}, {queue: 'mail', attempt: 3, maxErrors: 7, startedAt: 1_900_000_000_999})

    await openDeliverer().deliver(call)

    expect(receiver.calls[0]!.headers).toMatchObject({
      'webhook-id': 'my-task',
      'webhook-timestamp': '1900000000',
      'torque-queue': 'mail',
      'torque-attempt': '3',
      'torque-max-errors': '7',
      'user-agent': 'torque/1.2.3',
      host: `127.0.0.1:${receiver.port}`,
    })
  })

  it("adds the task's own headers, whose user-agent replaces torque's", async () => {
    const {headers} = await deliverOne({headers: {'x-tenant': 'käse', 'user-agent': 'mine/1'}})

    expect(headers).toMatchObject({'x-tenant': 'käse', 'user-agent': 'mine/1'})
  })

  it.each<[string, Payload, string, string]>([
    ['params as a form', {kind: 'params', text: '{"foo":"some value","baz":1.0}'}, form, 'foo=some+value&baz=1.0'],
    ['json as written', {kind: 'json', text: '{"b":1e20, "a":null}'}, 'application/json', '{"b":1e20, "a":null}'],
    ['a body as it is', {kind: 'body', text: 'å\r\n', contentType: 'text/csv'}, 'text/csv', 'å\r\n'],
    ['no payload as an empty form', {kind: 'none'}, form, ''],
    ['params without fields as an empty form', {kind: 'params', text: '{}'}, form, ''],
  ])('sends %s', async (_what, payload, contentType, body) => {
    const call = await deliverOne({payload})

    expect(call).toMatchObject({method: 'POST', url: '/hook', body})
    expect(call.headers).toMatchObject({'content-type': contentType, 'content-length': String(Buffer.byteLength(body))})
    expect(call.headers).not.toHaveProperty('transfer-encoding')
  })

  it.each(['PUT', 'PATCH'] as const)('sends params in the body of a %s', async (method) => {
    const call = await deliverOne({method, payload: {kind: 'params', text: '{"a":1}'}})

    expect(call).toMatchObject({method, url: '/hook', body: 'a=1'})
  })

  it.each(['GET', 'DELETE'] as const)('puts the params of a %s into the query string', async (method) => {
    const call = await deliverOne({method, payload: {kind: 'params', text: '{"a":[1,2],"b":"x y"}'}})

    expect(call).toMatchObject({method, url: '/hook?a=1&a=2&b=x+y', body: ''})
    expect(call.headers).not.toHaveProperty('content-type')
  })

  it.each([
    ['/hook?x=1', '/hook?x=1&a=1'],
    ['/hook?', '/hook?a=1'],
    ['/hook?x&', '/hook?x&a=1'],
  ])('puts params after what %s already has', async (path, url) => {
    const call = await deliverOne({method: 'GET', payload: {kind: 'params', text: '{"a":1}'}}, path)

    expect(call.url).toBe(url)
  })

  it('leaves the query string of a POST alone', async () => {
    const call = await deliverOne({payload: {kind: 'params', text: '{"a":1}'}}, '/hook?x=%20y&&z')

    expect(call).toMatchObject({url: '/hook?x=%20y&&z', body: 'a=1'})
  })

  it('sends the body of a DELETE', async () => {
    const call = await deliverOne({method: 'DELETE', payload: {kind: 'json', text: '[1]'}})

    expect(call).toMatchObject({method: 'DELETE', body: '[1]'})
  })

  it('sends a GET without payload as its URL stands', async () => {
    expect(await deliverOne({method: 'GET'}, '/a?b=c')).toMatchObject({method: 'GET', url: '/a?b=c', body: ''})
  })

  it.each([
    ['params that are no JSON', {payload: {kind: 'params', text: '{"a"'}}, 'corrupt'],
    ['a header no server may see', {headers: {'x-a': 'b\r\nx-c: d'}}, 'internal'],
    ['a URL that is none', {url: 'gopher'}, 'internal'],
  ] as [string, Partial<Task>, string][])('makes no call of %s', async (_what, task, error) => {
    const receiver = await openReceiver()

    const outcome = await openDeliverer().deliver(callTo(receiver.url(), task))

    expect(outcome).toMatchObject({status: null, error})
    expect(receiver.calls).toEqual([])
  })
})
