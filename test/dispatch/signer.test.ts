import {describe, expect, it} from 'vitest'
import {Webhook} from 'standardwebhooks'

import {Signer} from '../../src/dispatch/signer.js'
import {verify} from '../../src/index.js'
import {signaturesOf} from '../../src/task/signature.js'
import type {Payload} from '../../src/task/task.js'
import {callTo, openDeliverer} from '../support/deliverer.js'
import {openReceiver} from '../support/receiver.js'

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`
const [current, old, other] = [secretOf(1), secretOf(2), secretOf(3)]

describe('a signed call', () => {
  it.each<[string, Payload, 'POST' | 'GET', string]>([
    ['json', {kind: 'json', text: '{"a": 1.0, "é": "🦆"}'}, 'POST', '{"a": 1.0, "é": "🦆"}'],
    ['a form', {kind: 'params', text: '{"a":"b c"}'}, 'POST', 'a=b+c'],
    ['text', {kind: 'body', text: '"ü"', contentType: 'text/plain'}, 'POST', '"ü"'],
    ['no body', {kind: 'none'}, 'POST', ''],
    ['a form that goes into the query', {kind: 'params', text: '{"a":1}'}, 'GET', ''],
  ])('is good for every one of the secrets, and for no other: %s', async (_what, payload, method, body) => {
    const receiver = await openReceiver()
    const signer = new Signer({server: [current, old], queues: {}})
    const call = callTo(receiver.url(), {payload, method}, {startedAt: Date.now()})

    await openDeliverer({signer}).deliver(call)

    const [received] = await receiver.received(1)
    const headers = received!.headers as Record<string, string>
    expect(received!.body).toBe(body)
    for (const secret of [current, old]) {
      expect(verify(body, headers, secret)).toMatchObject({id: call.task.id})
      if (payload.kind === 'json') expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
    }
    expect(() => verify(body, headers, other)).toThrow(expect.objectContaining({code: 'invalid_signature'}))
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/)
  })

  it('is the published vector', () => {
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
    const signed = {id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}'}

    expect(signaturesOf([key], signed)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  it('has the signature that the independent package makes', async () => {
    const receiver = await openReceiver()
    const startedAt = Date.now()
    const signer = new Signer({server: [current], queues: {}})
    const call = callTo(receiver.url(), {payload: {kind: 'json', text: '[1]'}}, {startedAt})

    await openDeliverer({signer}).deliver(call)

    const {headers} = (await receiver.received(1))[0]!
    const timestamp = new Date(Math.floor(startedAt / 1000) * 1000)
    expect(headers['webhook-signature']).toBe(new Webhook(current).sign(call.task.id, timestamp, '[1]'))
  })
})

describe('a Signer', () => {
  it('has secrets of queues in place of those of the server', () => {
    const signer = new Signer({server: [current], queues: {billing: [other, old]}})

    expect(signer.keysOf('default')).toEqual([Buffer.alloc(32, 1)])
    expect(signer.keysOf('billing')).toEqual([Buffer.alloc(32, 3), Buffer.alloc(32, 2)])
    expect(new Signer({server: [], queues: {billing: [other]}}).keysOf('default')).toBeUndefined()
  })

  it('goes by others once it is renewed, and keeps what it has where they are bad', () => {
    const signer = new Signer({server: [current], queues: {billing: [old]}})

    expect(() => signer.renew({server: ['whsec_x'], queues: {}})).toThrow(expect.objectContaining({code: 'invalid_option'}))
    expect(signer.keysOf('billing')).toEqual([Buffer.alloc(32, 2)])
    signer.renew({server: [other], queues: {}})
    expect(signer.keysOf('billing')).toEqual([Buffer.alloc(32, 3)])
  })

  it('leaves calls unsigned where it has no secret', async () => {
    const receiver = await openReceiver()

    await openDeliverer({signer: new Signer({server: [], queues: {}})}).deliver(callTo(receiver.url()))

    expect((await receiver.received(1))[0]!.headers).not.toHaveProperty('webhook-signature')
  })
})
