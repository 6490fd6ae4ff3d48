import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {newTask} from '../../src/task/new-task.js'
import {openDispatcher, startDispatcher} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'

/** A claim whose process dies at once. */
const abandoned = {leaseMs: 1, limit: 1, laneConcurrency: 0, lostLimit: 0}

describe('Dispatcher', () => {
  it('holds the lease of a call that lasts longer, and calls once', async () => {
    const receiver = await openReceiver({delayMs: 1500})
    const {queue, store, inspector, log} = await openDispatcher({leaseMs: 450})
    await startDispatcher(store, {leaseMs: 450})

    await queue.add([newTask({url: receiver.url()})])
    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(1)

    expect(receiver.calls).toHaveLength(1)
    expect(log.lines).toEqual([])
  })

  it('calls what a dead process held once its lease is over, as the next attempt and without an error', async () => {
    const receiver = await openReceiver()
    const {store, queue, inspector} = await openTestStore({clock: undefined})
    const task = newTask({url: receiver.url()})
    await queue.add([task])
    await queue.claim({...abandoned, leaseMs: 700})
    const {log} = await startDispatcher(store)
    const start = Date.now()

    const [call] = await receiver.received(1)

    expect(call?.headers['torque-attempt']).toBe('2')
    expect((call?.at ?? 0) - start).toBeGreaterThan(400)
    await expect.poll(async () => (await inspector.find([task.id]))[0]?.state, patiently).toBe('delivered')
    expect((await inspector.find([task.id]))[0]?.run).toMatchObject({
      errors: 0,
      lostLeases: 1,
      history: [{error: 'lease_lost'}, {status: 200}],
    })
    expect(log.saying('lease_lost')).toMatchObject([{id: task.id, attempt: 1, outcome: 'release'}])
  })

  it('buries a task at its fifth lost lease, uncalled', async () => {
    const receiver = await openReceiver()
    const {store, queue, inspector} = await openTestStore({clock: undefined})
    const task = newTask({url: receiver.url()})
    await queue.add([task])
    const lostLeases = async () => (await inspector.find([task.id]))[0]?.run.lostLeases

    for (let lost = 1; lost <= 5; lost++) {
      await queue.claim(abandoned)
      // With no place for a call, it only looks after leases.
      const {dispatcher} = await startDispatcher(store, {concurrency: 0})
      await expect.poll(lostLeases, patiently).toBe(lost)
      await dispatcher.stop({timeoutMs: 0})
    }

    expect(await inspector.find([task.id])).toMatchObject([{state: 'dead', run: {errors: 0, attempts: 5, lostLeases: 5}}])
    expect((await inspector.find([task.id]))[0]?.run.history.at(-1)).toMatchObject({attempt: 5, error: 'lease_lost'})
    expect(receiver.calls).toEqual([])
  })

  it('calls none of the tasks that are purged before they have a place', async () => {
    const held: (() => void)[] = []
    const receiver = await openReceiver((_call, index) =>
      index === 0 ? {} : new Promise((resolve) => held.push(() => resolve({}))),
    )
    const {queue, inspector, dispatcher} = await openDispatcher({concurrency: 8, laneConcurrency: 100})
    // A target that is known to answer may have all places.
    await queue.add([newTask({url: receiver.url()})])
    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(1)
    const tasks = Array.from({length: 16}, () => newTask({url: receiver.url()}))
    await queue.add(tasks)
    await receiver.received(9)

    // Their places are filled, and as many tasks as ended are claimed ahead.
    for (const end of held.splice(0, 4)) end()
    await receiver.received(13)
    await expect.poll(async () => (await inspector.stats()).totals, patiently).toMatchObject({active: 12, ready: 0})
    const purged = await queue.purge(
      tasks.map(({id}) => id),
      {states: ['active']},
    )
    await expect.poll(async () => (await inspector.stats()).totals.active, patiently).toBe(0)
    for (const end of held.splice(0)) end()
    await expect.poll(() => dispatcher.inFlight, patiently).toBe(0)

    expect(purged.changed).toHaveLength(12)
    expect(receiver.calls).toHaveLength(13)
  })

  it('lets the call of a purged task end by itself, and keeps nothing of it', async () => {
    const receiver = await openReceiver({delayMs: 900})
    const {queue, inspector, dispatcher, log} = await openDispatcher({leaseMs: 450})
    const task = newTask({url: receiver.url()})
    await queue.add([task])
    await receiver.received(1)
    const start = performance.now()

    await queue.purge([task.id], {states: taskStates})
    await expect.poll(() => dispatcher.inFlight, patiently).toBe(0)

    expect(performance.now() - start).toBeGreaterThan(600)
    expect(await inspector.find([task.id])).toEqual([])
    expect((await inspector.stats()).totals).toMatchObject({active: 0, delivered: 0})
    expect(log.saying('stale_lease')).toEqual([])
  })
})
