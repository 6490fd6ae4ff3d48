import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {openDispatcher, startDispatcher} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {type OwnRedis, openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {type Answers, openReceiver} from '../support/receiver.js'
import {untilDone} from '../support/until-done.js'

const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

/** A dispatcher with a short lease, on a Redis of its own, with one call under way. */
async function openCalling(answers: Answers) {
  const redis = await openOwnRedis(...durable)
  const receiver = await openReceiver(answers)
  const opened = await openDispatcher({redisUrl: redis.url, leaseMs: 600})
  await opened.queue.add([newTask({url: receiver.url()})])
  await receiver.received(1)
  /** Adds one more; tries until Redis takes it. */
  const addOne = () => untilDone(() => opened.queue.add([newTask({url: receiver.url()})]))
  return {...opened, redis, receiver, addOne}
}

/** Kills it, and starts it again when so much time has passed. */
async function restartAfter(redis: OwnRedis, ms: number): Promise<void> {
  const start = performance.now()
  await redis.kill()
  await expect.poll(() => performance.now() - start, {timeout: 60_000}).toBeGreaterThan(ms)
  await redis.start()
}

describe('Dispatcher, when Redis is killed and comes back', () => {
  it('settles what finished meanwhile and does not call it again, though its lease has run out', async () => {
    const {redis, receiver, inspector, addOne, log} = await openCalling({delayMs: 200})

    await restartAfter(redis, 1500)
    await addOne()
    await receiver.received(2)

    await expect
      .poll(async () => (await inspector.stats()).totals, patiently)
      .toMatchObject({delivered: 2, active: 0, deliveredTotal: 2})
    expect(receiver.calls).toHaveLength(2)
    expect(log.saying('lease_lost')).toEqual([])
  })

  it('goes on with a call that lasts longer than the outage and the lease, and lets no other take it', async () => {
    const {redis, receiver, inspector, namespace, log} = await openCalling({delayMs: 2500})
    const other = await openTestStore({clock: undefined, namespace, redisUrl: redis.url})
    const {log: otherLog} = await startDispatcher(other.store, {leaseMs: 600})

    await restartAfter(redis, 1000)

    await expect
      .poll(async () => (await inspector.stats().catch(() => undefined))?.totals, patiently)
      .toMatchObject({delivered: 1, active: 0})
    expect(receiver.calls).toHaveLength(1)
    expect([...log.saying('lease_lost'), ...otherLog.saying('lease_lost')]).toEqual([])
  })

  it('calls new tasks within seconds', async () => {
    const {redis, receiver, addOne} = await openCalling({})
    await redis.kill()
    await redis.start()
    const start = performance.now()

    await addOne()
    await receiver.received(2)

    expect(performance.now() - start).toBeLessThan(20_000)
  })

  it('takes back what a process that died had', async () => {
    const redis = await openOwnRedis(...durable)
    const receiver = await openReceiver()
    const {store, queue, inspector} = await openTestStore({clock: undefined, redisUrl: redis.url})
    await queue.add([newTask({url: receiver.url()})])
    await queue.claim({leaseMs: 1200, limit: 1, laneConcurrency: 0, lostLimit: 0})
    await startDispatcher(store, {leaseMs: 600})

    await redis.kill()
    await redis.start()
    const [call] = await receiver.received(1)

    expect(call?.headers['torque-attempt']).toBe('2')
    await expect.poll(async () => (await inspector.stats()).totals, patiently).toMatchObject({delivered: 1, active: 0})
  })
})

describe('Dispatcher, when Redis', () => {
  it('keeps silent for longer than the lease, calls nothing twice', async () => {
    const {redis, receiver, inspector, addOne, log} = await openCalling({delayMs: 1700})
    const start = performance.now()
    redis.pause()
    await expect.poll(() => performance.now() - start, patiently).toBeGreaterThan(1200)
    redis.resume()

    await addOne()
    await receiver.received(2)

    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(2)
    expect(receiver.calls).toHaveLength(2)
    expect(log.saying('lease_lost')).toEqual([])
  })

  it('is emptied, goes on: a late result is logged once, and new tasks are called, in other queues too', async () => {
    const {store, receiver, inspector, addOne, log} = await openCalling({delayMs: 400})
    await store.redis.flushall()

    await addOne()
    await store.queue('other').add([newTask({url: receiver.url(), queue: 'other'})])
    await receiver.received(3)

    await expect
      .poll(async () => (await inspector.stats()).totals, patiently)
      .toMatchObject({delivered: 2, deliveredTotal: 2, active: 0})
    expect([...log.saying('stale_lease'), ...log.saying('purged')]).toHaveLength(1)
    expect(await store.queueNames()).toEqual(['default', 'other'])
  })

  it('has lost its scripts, calls on', async () => {
    const {store, receiver, inspector, addOne} = await openCalling({})
    await store.redis.script('FLUSH')

    await addOne()
    await receiver.received(2)

    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(2)
  })

  it('cannot write, asks it without haste, says so once, and goes on when it can', async () => {
    const {store, receiver, inspector, log, queue} = await openCalling({})
    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(1)
    // Each try begins with one.
    const pings = async () => Number(/cmdstat_ping:calls=(\d+)/.exec(await store.redis.info('commandstats'))?.[1])
    await queue.add(Array.from({length: 20}, () => newTask({url: receiver.url(), delay: '300ms'})))
    await store.redis.config('SET', 'min-replicas-to-write', '1')
    await expect.poll(() => log.saying('Redis is away').length, patiently).toBeGreaterThan(0)
    const [start, before] = [performance.now(), await pings()]
    await expect.poll(() => performance.now() - start, patiently).toBeGreaterThan(1500)
    const asked = (await pings()) - before
    await store.redis.config('SET', 'min-replicas-to-write', '0')

    await receiver.received(21)
    await expect.poll(() => log.saying('Redis is back').length, patiently).toBe(1)
    expect(asked).toBeLessThan(20)
    expect(log.lines.filter(({level}) => level !== 'debug')).toMatchObject([
      {message: 'Redis is away'},
      {message: 'Redis is back'},
    ])
  })

  it('is full, works off what is there and takes tasks again', async () => {
    const {store, receiver, inspector, queue, addOne} = await openCalling({})
    const later = Array.from({length: 20}, () => newTask({url: receiver.url(), delay: '300ms'}))
    await queue.add(later)
    await store.redis.config('SET', 'maxmemory', '1')

    await expect(queue.add([newTask({url: receiver.url()})])).rejects.toMatchObject({code: 'queue_full'})
    await receiver.received(21)
    await expect.poll(async () => (await inspector.stats()).totals, patiently).toMatchObject({delivered: 21, active: 0})
    await store.redis.config('SET', 'maxmemory', '0')
    await addOne()

    await receiver.received(22)
  })
})
