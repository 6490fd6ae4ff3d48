import {describe, expect, it} from 'vitest'

import type {OutcomeNote} from '../../src/queue/outcome-channel.js'
import {RecentTallies} from '../../src/queue/tallies.js'
import {openDispatcher, testPolicy} from '../support/dispatcher.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {aTask} from '../support/tasks.js'

describe('what attempts come to', () => {
  it('is told to those who watch, and to nobody else', async () => {
    const {store, queue} = await openDispatcher({policy: {...testPolicy, maxErrors: 2}})
    const receiver = await openReceiver(({url}) => ({status: url === '/good' ? 204 : 503}))
    const [heard, told]: [OutcomeNote[], string[]] = [[], []]
    const subscriber = store.redis.duplicate({enableOfflineQueue: true})
    subscriber.on('message', (_channel: string, message: string) => told.push(message))
    await subscriber.subscribe(store.context('default').wakeChannel.replace(/wake$/, 'outcomes'))
    await queue.add([aTask({id: 'before', url: receiver.url('/good')})])
    await receiver.received(1)
    await expect.poll(async () => (await store.inspector.stats()).totals.deliveredTotal, patiently).toBe(1)
    expect(told).toEqual([])

    const subscription = await store.onOutcomes((notes) => heard.push(...notes))
    // What is told first is what ends once the dispatcher has heard that somebody watches.
    await expect
      .poll(async () => {
        await queue.add([aTask({url: receiver.url('/good')})])
        return heard.length
      }, patiently)
      .toBeGreaterThan(0)
    await queue.add([aTask({id: 'bad', url: receiver.url('/bad')})])
    await expect.poll(() => heard.filter(({id}) => id === 'bad').length, patiently).toBe(2)
    subscription.stop()
    subscriber.disconnect()

    expect(heard[0]).toMatchObject({queue: 'default', outcome: 'delivered', attempt: 1, status: 204, error: null})
    expect(heard.filter(({id}) => id === 'bad')).toMatchObject([
      {outcome: 'retrying', attempt: 1, status: 503, error: 'http_status', url: receiver.url('/bad')},
      {outcome: 'dead', attempt: 2},
    ])
    expect(heard.every(({waitMs, durationMs}) => waitMs >= 0 && durationMs >= 0)).toBe(true)
  })

  it('is counted, at the latest when the dispatcher stops', async () => {
    const {store, queue, dispatcher} = await openDispatcher()
    const receiver = await openReceiver()
    await queue.add(Array.from({length: 30}, () => aTask({url: receiver.url('/')})))
    await receiver.received(30)

    await dispatcher.stop({timeoutMs: 5000})

    const {rates, deliveryMs} = (await RecentTallies.read(store.context('default'))).pace()
    expect(rates['1m']).toMatchObject({delivered: 0.5, errors: 0})
    expect(deliveryMs.p50).not.toBeNull()
  })
})
