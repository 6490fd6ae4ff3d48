import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {openDispatcher, startDispatcher, testPolicy} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {type Answers, openReceiver} from '../support/receiver.js'

/** A dispatcher with one call under way. */
async function openBusyDispatcher(answers: Answers, options: Parameters<typeof openDispatcher>[0] = {}) {
  const receiver = await openReceiver(answers)
  const opened = await openDispatcher(options)
  const task = newTask({url: receiver.url()})
  await opened.queue.add([task])
  await receiver.received(1)
  const record = async () => (await opened.inspector.find([task.id]))[0]
  return {...opened, receiver, task, record}
}

describe('Dispatcher.stop', () => {
  it('lets running calls finish, settles them, and claims no more', async () => {
    const {dispatcher, queue, inspector, receiver} = await openBusyDispatcher({delayMs: 300})

    const stopped = dispatcher.stop({timeoutMs: 10_000})
    await queue.add([newTask({url: receiver.url()})])
    await stopped

    expect((await inspector.stats()).totals).toMatchObject({delivered: 1, active: 0, ready: 1})
    expect(receiver.calls).toHaveLength(1)
    expect(dispatcher.inFlight).toBe(0)
  })

  it('gives back what runs longer, without an error, for another to call at once', async () => {
    const {dispatcher, store, receiver, record} = await openBusyDispatcher((_call, index) => (index === 0 ? {hang: true} : {}))
    await startDispatcher(store, {concurrency: 0})

    await dispatcher.stop({timeoutMs: 50})
    const givenBack = await record()
    const start = performance.now()
    await startDispatcher(store)
    await receiver.received(2)

    expect(givenBack).toMatchObject({state: 'ready', run: {attempts: 1, errors: 0, lostLeases: 0}})
    expect(performance.now() - start).toBeLessThan(8_000)
    expect(receiver.calls.map(({headers}) => headers['torque-attempt'])).toEqual(['1', '2'])
    await expect.poll(async () => (await record())?.state, patiently).toBe('delivered')
  })

  it('gives back to a dispatcher that is at rest as well', async () => {
    const {dispatcher, store, receiver, queue} = await openBusyDispatcher((_call, index) => (index < 5 ? {hang: true} : {}))
    await queue.add(Array.from({length: 4}, () => newTask({url: receiver.url()})))
    await receiver.received(5)
    await startDispatcher(store)

    const start = performance.now()
    await dispatcher.stop({timeoutMs: 0})
    await receiver.received(10)

    expect(performance.now() - start).toBeLessThan(10_000)
  })

  it('gives back a task that had failed before as retrying, its due time as it was', async () => {
    const {dispatcher, record, receiver} = await openBusyDispatcher((_call, index) =>
      index === 0 ? {status: 500} : {hang: true},
    )
    await receiver.received(2)

    await dispatcher.stop({timeoutMs: 0})

    expect(await record()).toMatchObject({state: 'retrying', run: {attempts: 2, errors: 1}})
    expect((await record())?.dueAt).toBeLessThanOrEqual(Date.now())
  })

  it('is done once, however often it is asked for', async () => {
    const {dispatcher} = await openBusyDispatcher({hang: true})

    await Promise.all([dispatcher.stop({timeoutMs: 0}), dispatcher.stop({timeoutMs: 60_000})])

    expect(dispatcher.inFlight).toBe(0)
  })

  it('holds the leases of what still runs', async () => {
    const {dispatcher, store, receiver, inspector} = await openBusyDispatcher({delayMs: 1500}, {leaseMs: 600})
    await startDispatcher(store, {leaseMs: 600})

    await dispatcher.stop({timeoutMs: 20_000})

    expect(receiver.calls).toHaveLength(1)
    expect((await inspector.stats()).totals).toMatchObject({delivered: 1, active: 0})
  })

  it('holds them through an outage of Redis, too', async () => {
    const redis = await openOwnRedis('--appendonly', 'yes', '--appendfsync', 'always')
    const {dispatcher, namespace, receiver, log} = await openBusyDispatcher({delayMs: 2500}, {leaseMs: 600, redisUrl: redis.url})
    const other = await openTestStore({clock: undefined, namespace, redisUrl: redis.url})
    const {log: otherLog} = await startDispatcher(other.store, {leaseMs: 600})
    await redis.kill()
    for (const {saying} of [log, otherLog]) await expect.poll(() => saying('Redis is away'), patiently).not.toEqual([])
    const stopped = dispatcher.stop({timeoutMs: 20_000})
    await redis.start()
    await stopped

    await expect.poll(async () => (await other.inspector.stats()).totals.delivered, patiently).toBe(1)
    expect(receiver.calls).toHaveLength(1)
  })

  it('ends when Redis does not come back, and leaves its tasks to their leases', async () => {
    const redis = await openOwnRedis('--appendonly', 'yes', '--appendfsync', 'always')
    const {dispatcher, namespace, receiver, log} = await openBusyDispatcher({}, {leaseMs: 600, redisUrl: redis.url})
    receiver.answer({delayMs: 200})
    await expect.poll(() => dispatcher.inFlight).toBe(0)
    const local = await openTestStore({clock: undefined, namespace, redisUrl: redis.url})
    await local.queue.add([newTask({url: receiver.url()})])
    await receiver.received(2)
    await redis.kill()

    await dispatcher.stop({timeoutMs: 500})
    await redis.start()

    expect(log.saying('some tasks are left to their leases')).toEqual([{tasks: 1}])
    const other = await openTestStore({clock: undefined, namespace, redisUrl: redis.url})
    expect((await other.inspector.stats()).totals).toMatchObject({active: 1, delivered: 1})
  })
})

describe('Dispatcher.drained', () => {
  it('resolves when nothing is due and nothing runs, whatever waits for later', async () => {
    const receiver = await openReceiver((_call, index) => (index === 0 ? {status: 500} : {delayMs: 100}))
    const {store, queue, inspector} = await openTestStore({clock: undefined})
    await queue.add(Array.from({length: 250}, () => newTask({url: receiver.url()})))
    await store
      .queue('other')
      .add([newTask({url: receiver.url(), queue: 'other'}), newTask({url: receiver.url(), queue: 'other', delay: '1h'})])
    const {dispatcher} = await startDispatcher(store, {policy: {...testPolicy, minBackoffMs: 60_000, maxBackoffMs: 60_000}})

    await dispatcher.drained()

    expect((await inspector.stats()).totals).toMatchObject({ready: 0, active: 0, delivered: 250, retrying: 1, scheduled: 1})
  })

  it('resolves at once when there is nothing to do', async () => {
    const {dispatcher} = await openDispatcher()

    await dispatcher.drained()

    expect(dispatcher.inFlight).toBe(0)
  })
})
