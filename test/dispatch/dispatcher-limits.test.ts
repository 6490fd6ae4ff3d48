import {describe, expect, it} from 'vitest'

import {openDispatcher, startDispatcher} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {settings} from '../support/settings.js'
import {aTask} from '../support/tasks.js'

const tasksFor = (url: string, count: number) => Array.from({length: count}, () => aTask({url, flowKey: new URL(url).origin}))

/** Two dispatchers, each with a connection of its own. */
async function openTwo(options: Parameters<typeof openDispatcher>[0] = {}) {
  const opened = await openDispatcher(options)
  const {store} = await openTestStore({namespace: opened.namespace, clock: undefined})
  await startDispatcher(store, options)
  return opened
}

describe('Dispatchers of one queue', () => {
  it('keep its rate together', async () => {
    const receiver = await openReceiver()
    const {queue} = await openTwo()
    await queue.configure(settings({rate: 40, burst: 5}))

    await queue.add(tasksFor(receiver.url(), 45))
    const calls = await receiver.received(45)

    const [first, last] = [calls[0]!.at, calls.at(-1)!.at]
    // 40 more than the burst take a second; the clocks tell whole milliseconds.
    expect(last - first).toBeGreaterThan(950)
    for (const [index, {at}] of calls.entries()) {
      const before = calls.slice(0, index + 1).filter((call) => call.at >= at - 500).length
      // What takes a while to arrive may come together with what is on time.
      expect(before).toBeLessThanOrEqual(5 + 40 * 0.5 + 5)
    }
  })

  it('never have more of its tasks running than it allows, and waste no place', async () => {
    let [running, most] = [0, 0]
    const receiver = await openReceiver(async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 20))
      running--
      return {}
    })
    const {queue} = await openTwo()
    await queue.configure(settings({concurrency: 3}))

    await queue.add(tasksFor(receiver.url(), 30))
    await receiver.received(30)

    expect(most).toBe(3)
  })

  it('begin no call while it is paused, and go on when it is resumed or the time is over', async () => {
    const receiver = await openReceiver({delayMs: 5})
    const {queue, inspector} = await openTwo({concurrency: 8})
    await queue.add(tasksFor(receiver.url(), 400))
    await receiver.received(40)

    await queue.pause({reason: 'test'})
    await expect.poll(async () => (await inspector.stats()).totals.active, patiently).toBe(0)
    const called = receiver.calls.length
    expect(called).toBeLessThan(400)
    await queue.add(tasksFor(receiver.url(), 1))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(receiver.calls).toHaveLength(called)
    await queue.pause({forMs: 50})
    await receiver.received(401)

    await expect.poll(async () => (await inspector.stats()).totals.deliveredTotal, patiently).toBe(401)
    expect(receiver.calls).toHaveLength(401)
  })
})

describe('A dispatcher', () => {
  it('takes what its queue says for tasks that do not say', async () => {
    const receiver = await openReceiver({status: 500})
    const {queue, inspector} = await openDispatcher()
    await queue.configure(settings({maxErrors: 2, waits: '1ms'}))

    await queue.add(tasksFor(receiver.url(), 1))

    await expect.poll(async () => (await inspector.stats()).totals.dead, patiently).toBe(1)
    expect(receiver.calls.map(({headers}) => headers['torque-max-errors'])).toEqual(['2', '2'])
  })

  it('leaves a target alone that refuses every call, spending no errors, and goes on when it answers again', async () => {
    const receiver = await openReceiver({status: 503})
    const {queue, inspector} = await openDispatcher({concurrency: 4})

    await queue.add(tasksFor(receiver.url(), 100))
    await expect.poll(async () => (await inspector.stats()).totals.ready, patiently).toBeGreaterThan(0)
    await expect.poll(() => receiver.calls.length, patiently).toBeGreaterThanOrEqual(5)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(receiver.calls.length).toBeLessThan(40)
    receiver.answer({})

    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(100)
  })

  it('calls a target at once that is known to answer, whatever thousands of dead ones wait', async () => {
    const [good, hung] = [await openReceiver(), await openReceiver({hang: true})]
    const {queue, dispatcher} = await openDispatcher({concurrency: 40})
    await queue.add(tasksFor(good.url(), 1))
    await good.received(1)
    await queue.add(Array.from({length: 500}, (_, index) => aTask({url: hung.url(), flowKey: `dead ${index % 250}`})))
    await hung.received(30)

    for (let called = 2; called <= 6; called++) {
      await queue.add(tasksFor(good.url(), 1))
      await good.received(called)
    }

    // None of the hung calls has ended: none of them has made room.
    expect(hung.calls.length).toBeLessThanOrEqual(30)
    expect(dispatcher.inFlight).toBeLessThan(40)
  })
})
