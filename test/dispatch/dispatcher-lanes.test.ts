import {describe, expect, it} from 'vitest'

import {openDispatcher} from '../support/dispatcher.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {aTask} from '../support/tasks.js'

const tasksFor = (url: string, count: number, overrides: Parameters<typeof aTask>[0] = {}) =>
  Array.from({length: count}, () => aTask({url, flowKey: new URL(url).origin, ...overrides}))

describe('Dispatcher, with no limit set for lanes,', () => {
  it('drains one lane through, though it may hold only half of the places at a time', async () => {
    const receiver = await openReceiver({delayMs: 5})
    const {queue, inspector} = await openDispatcher({concurrency: 8})

    await queue.add(tasksFor(receiver.url(), 100))
    await receiver.received(100)

    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(100)
    expect(receiver.calls).toHaveLength(100)
  })

  it('leaves places free beside hung lanes, in several queues too', async () => {
    const hung = await openReceiver({hang: true})
    const {store, dispatcher} = await openDispatcher({concurrency: 40})
    const names = Array.from({length: 6}, (_, index) => `q${index}`)

    for (const name of names) await store.queue(name).add(tasksFor(hung.url(), 40, {queue: name, flowKey: `lane-${name}`}))
    await hung.received(20)
    const fine = await openReceiver()
    await store.queue('fine').add(tasksFor(fine.url(), 1, {queue: 'fine'}))
    await fine.received(1)

    // None of the hung calls has ended yet: theirs was not the place it took.
    expect(dispatcher.inFlight).toBeLessThan(40)
    expect((await store.inspector.stats()).totals).toMatchObject({retrying: 0, dead: 0})
  })

  it('looks again at a lane that was passed over, when a call of another queue ends', async () => {
    // Both lanes are kept busy by single calls, so that only their ends can make room.
    const slow = await openReceiver({delayMs: 300})
    const {store, inspector} = await openDispatcher({concurrency: 2})

    await store.queue('a').add(tasksFor(slow.url(), 1, {queue: 'a'}))
    await slow.received(1)
    await store.queue('b').add(tasksFor(slow.url(), 3, {queue: 'b', flowKey: 'b'}))
    await slow.received(4)

    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(4)
  })
})
