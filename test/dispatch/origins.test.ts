import {connect} from 'node:net'
import {describe, expect, it, onTestFinished, vi} from 'vitest'

import {Deliverer, type Outcome} from '../../src/dispatch/deliver.js'
import {Delivery} from '../../src/dispatch/delivery.js'
import {Origins} from '../../src/dispatch/origins.js'
import {anywhere, callTo, openDeliverer} from '../support/deliverer.js'
import {openRawReceiver} from '../support/raw-receiver.js'
import {openReceiver} from '../support/receiver.js'

function openOrigins(maxOrigins: number) {
  const origins = new Origins({
    dial: ({host, port}, onread) => connect({host, port, onread}),
    connections: 2,
    connectTimeoutMs: 5000,
    maxOrigins,
  })
  onTestFinished(() => origins.close())
  return origins
}

describe('origins', () => {
  it('uses a connection again', async () => {
    const receiver = await openReceiver()
    const deliverer = openDeliverer()

    for (let i = 0; i < 10; i++) await deliverer.deliver(callTo(receiver.url()))

    expect(receiver).toMatchObject({connections: 1, calls: {length: 10}})
  })

  it('opens at most so many connections to one origin', async () => {
    const receiver = await openReceiver()
    const deliverer = openDeliverer({connections: 3})

    await Promise.all(Array.from({length: 30}, () => deliverer.deliver(callTo(receiver.url()))))

    expect(receiver).toMatchObject({connections: 3, calls: {length: 30}})
  })

  it('makes the calls beyond them wait, in their order', async () => {
    const receiver = await openReceiver()
    const deliverer = openDeliverer({connections: 1})

    const paths = Array.from({length: 10}, (_, i) => `/${i}`)
    await Promise.all(paths.map((path) => deliverer.deliver(callTo(receiver.url(path)))))

    expect(receiver.calls.map(({url}) => url)).toEqual(paths)
  })

  it('is not spoiled for the next call by one that cannot be sent', async () => {
    const receiver = await openReceiver()
    const deliverer = openDeliverer({connections: 1})
    const headers = [{}, {'x-bad': 'a\nb'}, {}, {'x-bad': 'a\nb'}, {'x-bad': 'a\nb'}, {}]

    const outcomes = await Promise.all(headers.map((each) => deliverer.deliver(callTo(receiver.url(), {headers: each}))))

    expect(outcomes.map(({status, error}) => status ?? error)).toEqual([200, 'internal', 200, 'internal', 'internal', 200])
  })

  it('lets an idle connection go before its receiver would', async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=3\r\n\r\n'
    const receiver = await openRawReceiver(answer)
    await openDeliverer().deliver(callTo(receiver.url()))
    const before = performance.now()

    await receiver.idle()

    expect(performance.now() - before).toBeLessThan(9_000)
  })

  it('keeps no more connections open than it may, and calls on', async () => {
    const receivers = await Promise.all(Array.from({length: 4}, () => openReceiver()))
    const origins = new Origins({
      dial: ({host, port}, onread) => connect({host, port, onread}),
      connections: 2,
      connectTimeoutMs: 5000,
      maxKept: 2,
    })
    onTestFinished(() => origins.close())

    for (let round = 0; round < 3; round++) {
      for (const receiver of receivers) {
        const outcome = await new Promise<Outcome>((resolve) => {
          const {origin, host} = new URL(receiver.url())
          new Delivery(5000, resolve).begin(
            origins.get(origin),
            `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 0\r\n\r\n`,
            undefined,
          )
        })
        expect(outcome).toMatchObject({status: 200})
      }
    }

    expect(receivers.map(({connections}) => connections).toSorted()).toEqual([1, 1, 3, 3])
  })

  it('replaces a connection after a minute, so that a name is looked up and judged again', async () => {
    const receiver = await openReceiver()
    const deliverer = openDeliverer()
    const now = performance.now.bind(performance)
    await deliverer.deliver(callTo(receiver.url()))

    const aMinuteLater = vi.spyOn(performance, 'now').mockImplementation(() => now() + 61_000)
    onTestFinished(() => aMinuteLater.mockRestore())
    await deliverer.deliver(callTo(receiver.url()))
    await deliverer.deliver(callTo(receiver.url()))

    expect(receiver).toMatchObject({connections: 2, calls: {length: 3}})
  })

  it('calls an origin that closes after each answer', async () => {
    const receiver = await openReceiver({headers: {connection: 'close'}})
    const deliverer = openDeliverer({connections: 2})

    const outcomes = await Promise.all(Array.from({length: 20}, () => deliverer.deliver(callTo(receiver.url()))))

    expect(outcomes.map(({status}) => status)).toEqual(Array.from({length: 20}, () => 200))
    expect(receiver.connections).toBe(20)
  })

  it('sends nothing into a connection whose receiver closes it without saying so', async () => {
    const receiver = await openRawReceiver((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    const deliverer = openDeliverer({connections: 3})

    const outcomes = await Promise.all(Array.from({length: 60}, () => deliverer.deliver(callTo(receiver.url()))))

    expect(outcomes.filter(({error}) => error !== null)).toEqual([])
    expect(receiver.connections).toBe(60)
  })

  it('keeps calls to one origin apart from a hung one', async () => {
    const hung = await openRawReceiver(() => {})
    const receiver = await openReceiver()
    const deliverer = openDeliverer({connections: 1})
    const waiting = Array.from({length: 20}, () => deliverer.deliver(callTo(hung.url())))

    expect(await deliverer.deliver(callTo(receiver.url()))).toMatchObject({status: 200})

    await deliverer.close()
    await Promise.all(waiting)
  })

  it('drops an origin that was not called since the last sweep', () => {
    const origins = openOrigins(10)
    origins.get('http://a.test').wasUsed = true
    origins.get('http://b.test')

    origins.sweep()
    expect(origins.size).toBe(1)

    origins.sweep()
    expect(origins.size).toBe(0)
  })

  it('never keeps more idle origins than it may', () => {
    const origins = openOrigins(10)

    for (let i = 0; i < 1000; i++) origins.get(`http://host${i}.test`)

    expect(origins.size).toBe(10)
    expect(origins.get('http://host999.test')).toBe(origins.get('http://host999.test'))
  })

  it('lets the connections of an origin it drops go, and opens new ones', async () => {
    const receiver = await openRawReceiver('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    const deliverer = new Deliverer({userAgent: 'torque/1', connections: 1, egress: anywhere})
    await deliverer.deliver(callTo(receiver.url()))
    expect(receiver.open).toBe(1)

    await deliverer.close()

    await receiver.idle()
  })

  it.each(['ftp://a.test', 'http://a.test:80', 'http://user@a.test', 'http://A.test', 'nonsense', ''])(
    'refuses what is no origin in its plain form: %j',
    (key) => {
      expect(() => openOrigins(1).get(key)).toThrow()
    },
  )
})
