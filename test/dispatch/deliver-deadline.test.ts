import {describe, expect, it} from 'vitest'

import {Abort} from '../../src/dispatch/deliver.js'
import {callTo, openDeliverer} from '../support/deliverer.js'
import {openNameServer} from '../support/name-server.js'
import {type RawAnswer, openRawReceiver} from '../support/raw-receiver.js'
import {openReceiver} from '../support/receiver.js'

const drip = (bytes: string): RawAnswer => {
  return (socket) => {
    const timer = setInterval(() => socket.write(bytes), 5)
    socket.on('close', () => clearInterval(timer))
  }
}

describe('deliver, at the deadline', () => {
  it.each<[string, RawAnswer]>([
    ['accepts and says nothing', () => {}],
    ['drips a status line without end', drip('HTTP/1.1 200 O')],
    ['drips 1xx answers without end', drip('HTTP/1.1 103 Early Hints\r\n\r\n')],
    ['drips empty lines', drip('\r\n')],
  ])('gives up on a receiver that %s', async (_what, answer) => {
    const receiver = await openRawReceiver(answer)

    const outcome = await openDeliverer().deliver(callTo(receiver.url(), {}, {timeoutMs: 250}))

    const message = `no answer from 127.0.0.1:${receiver.port} within 0.25 s`
    expect(outcome).toMatchObject({status: null, error: 'timeout', message})
    expect(outcome.durationMs).toBeGreaterThanOrEqual(249)
    await receiver.idle()
  })

  it('counts the wait for a connection, and lets the next call have it', async () => {
    const receiver = await openReceiver((_call, index) => ({hang: index === 0}))
    const deliverer = openDeliverer({connections: 1})

    const hung = deliverer.deliver(callTo(receiver.url('/hung'), {}, {timeoutMs: 600}))
    const waiting = deliverer.deliver(callTo(receiver.url('/late'), {}, {timeoutMs: 50}))
    const next = deliverer.deliver(callTo(receiver.url('/next')))

    expect(await waiting).toMatchObject({error: 'timeout'})
    expect(await hung).toMatchObject({error: 'timeout'})
    expect(await next).toMatchObject({status: 200})
    expect(receiver.calls.map(({url}) => url)).toEqual(['/hung', '/next'])
  })

  it('counts the look-up of the name', async () => {
    const {address} = await openNameServer({'silent.test': 'silent'})

    const outcome = await openDeliverer({dnsServers: [address]}).deliver(callTo('http://silent.test/', {}, {timeoutMs: 100}))

    expect(outcome).toMatchObject({error: 'timeout'})
  })

  it('has a shorter one for the connection', async () => {
    const receiver = await openRawReceiver(() => {})
    const deliverer = openDeliverer({connectTimeoutMs: 100})

    // Never answers the TLS handshake.
    const outcome = await deliverer.deliver(callTo(`https://127.0.0.1:${receiver.port}/`))

    expect(outcome).toMatchObject({error: 'connect_timeout', message: `no connection to 127.0.0.1:${receiver.port} in time`})
    await receiver.idle()
  })

  it('takes an answer that came while the process was held up', async () => {
    const receiver = await openRawReceiver('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    const deliverer = openDeliverer()
    await deliverer.deliver(callTo(receiver.url()))

    const delivered = deliverer.deliver(callTo(receiver.url(), {}, {timeoutMs: 300}))
    while (receiver.requests.length < 2) await new Promise((resolve) => setImmediate(resolve))
    const until = performance.now() + 400
    while (performance.now() < until);

    expect(await delivered).toMatchObject({status: 200, error: null})
  })
})

describe('deliver, when it is given up', () => {
  it('ends and drops the connection', async () => {
    const receiver = await openRawReceiver((_socket) => abort.abort())
    const abort = new Abort()

    const outcome = await openDeliverer().deliver(callTo(receiver.url()), abort)

    expect(outcome).toMatchObject({status: null, error: 'aborted'})
    await receiver.idle()
  })

  it('ends a call that waits for a connection as well', async () => {
    const aborts = Array.from({length: 20}, () => new Abort())
    const receiver = await openRawReceiver(() => receiver.requests.length === 5 && aborts.forEach((abort) => abort.abort()))
    const deliverer = openDeliverer({connections: 5})

    const outcomes = await Promise.all(aborts.map((abort) => deliverer.deliver(callTo(receiver.url()), abort)))

    expect(outcomes.map(({error}) => error)).toEqual(Array.from({length: 20}, () => 'aborted'))
    expect(receiver.requests).toHaveLength(5)
  })

  it('makes no call when that was before', async () => {
    const receiver = await openReceiver()
    const abort = new Abort()
    abort.abort()

    const outcome = await openDeliverer().deliver(callTo(receiver.url()), abort)

    expect(outcome).toMatchObject({error: 'aborted'})
    expect(receiver.connections).toBe(0)
  })

  it('keeps an answer whose headers had come', async () => {
    const abort = new Abort()
    const receiver = await openRawReceiver('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
    const delivered = openDeliverer().deliver(callTo(receiver.url(), {}, {timeoutMs: 2000}), abort)
    while (receiver.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))

    abort.abort()

    expect(await delivered).toMatchObject({status: 200, error: null})
  })

  it('ends by close, which waits until the sockets are gone; later calls are not made', async () => {
    const receiver = await openRawReceiver(() => {})
    const deliverer = openDeliverer({connections: 1})
    const outcomes = [deliverer.deliver(callTo(receiver.url())), deliverer.deliver(callTo(receiver.url()))]
    while (receiver.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))

    await deliverer.close()

    expect(await Promise.all(outcomes)).toMatchObject([{error: 'aborted'}, {error: 'aborted'}])
    expect(await deliverer.deliver(callTo(receiver.url()))).toMatchObject({error: 'aborted'})
    await receiver.idle()
  })
})
