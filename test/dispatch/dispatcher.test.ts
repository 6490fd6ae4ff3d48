import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {startDispatcher, openDispatcher} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {type ReceivedCall, openReceiver} from '../support/receiver.js'

const tasksFor = (url: string, count: number, queue = 'default') => Array.from({length: count}, () => newTask({url, queue}))

const queueOf = ({headers}: ReceivedCall) => headers['torque-queue']

/** A receiver that answers late, and counts how many calls it has at once. */
async function openSlowReceiver(delayMs: number) {
  const seen = {now: 0, most: 0}
  const receiver = await openReceiver(async () => {
    seen.now += 1
    seen.most = Math.max(seen.most, seen.now)
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    seen.now -= 1
    return {}
  })
  return {receiver, seen}
}

describe('Dispatcher', () => {
  it.each([1, 3])('with %i places, runs no more calls at once, in however many queues', async (concurrency) => {
    const {receiver, seen} = await openSlowReceiver(30)
    const {store} = await openTestStore({clock: undefined})
    const names = Array.from({length: 8}, (_, index) => `queue-${index}`)
    for (const name of names) await store.queue(name).add(tasksFor(receiver.url(), 3, name))

    await startDispatcher(store, {concurrency})
    await receiver.received(24)

    expect(seen.most).toBe(concurrency)
  })

  it('serves each of several busy queues when it has one place', async () => {
    const {store} = await openTestStore({clock: undefined})
    const receiver = await openReceiver({delayMs: 2})
    for (const name of ['a', 'b', 'c']) await store.queue(name).add(tasksFor(receiver.url(), 60, name))

    await startDispatcher(store, {concurrency: 1})
    const calls = await receiver.received(60)

    for (const name of ['a', 'b', 'c']) expect(calls.filter((call) => queueOf(call) === name).length).toBeGreaterThan(10)
  })

  it('looks after the queues it is given, and no others', async () => {
    const {store, inspector} = await openDispatcher({queues: ['mine', 'new']})
    const receiver = await openReceiver()
    for (const name of ['mine', 'other', 'default', 'new']) await store.queue(name).add(tasksFor(receiver.url(), 2, name))

    const calls = await receiver.received(4)
    await expect.poll(async () => (await inspector.stats()).totals.deliveredTotal, patiently).toBe(4)

    expect(calls.map(queueOf).map(String).toSorted()).toEqual(['mine', 'mine', 'new', 'new'])
    expect((await inspector.stats()).totals.ready).toBe(4)
  })

  it('starts what another process adds at once, in a new queue too', async () => {
    const {namespace} = await openDispatcher()
    const {store: other} = await openTestStore({clock: undefined, namespace})
    const receiver = await openReceiver()
    const start = performance.now()

    for (let count = 1; count <= 8; count++) {
      const name = count % 2 === 0 ? 'default' : `new-${count}`
      await other.queue(name).add(tasksFor(receiver.url(), 1, name))
      await receiver.received(count)
    }

    // By the poll alone each would take most of a second.
    expect(performance.now() - start).toBeLessThan(12_000)
  })

  it('finds a queue that it was not told of, and is told again after its listening connection was cut', async () => {
    const redis = await openOwnRedis()
    const {store} = await openDispatcher({redisUrl: redis.url})
    const receiver = await openReceiver()

    await store.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await store.queue('new').add(tasksFor(receiver.url(), 1, 'new'))

    expect((await receiver.received(1)).map(queueOf)).toEqual(['new'])
    await expect.poll(async () => store.redis.pubsub('CHANNELS'), patiently).toHaveLength(1)
  })

  it('does not let one target take all places', async () => {
    const {store} = await openDispatcher({concurrency: 10})
    const [hung, fine] = await Promise.all([openReceiver({hang: true}), openReceiver()])

    await store.queue('default').add(tasksFor(hung.url(), 30))
    await hung.received(5)
    await store.queue('default').add(tasksFor(fine.url(), 30))

    await fine.received(30)
    expect(hung.calls.length).toBeLessThan(10)
  })

  it('goes on with other tasks when one cannot be read, which is dead as corrupt', async () => {
    const {store, queue, inspector, namespace} = await openTestStore({clock: undefined})
    const receiver = await openReceiver()
    const [bad, good] = [newTask({url: receiver.url()}), newTask({url: receiver.url()})]
    await queue.add([bad, good])
    await store.redis.hset(`{${namespace}:default}:tasks`, bad.id, 'not what torque writes')

    const {log} = await startDispatcher(store)
    await receiver.received(1)
    await expect.poll(async () => (await inspector.find([bad.id])).map(({state}) => state), patiently).toEqual(['dead'])

    expect((await inspector.find([bad.id]))[0]?.run.history).toMatchObject([{attempt: 1, error: 'corrupt'}])
    expect(receiver.calls.map(({headers}) => headers['webhook-id'])).toEqual([good.id])
    expect(log.saying('corrupt')).toMatchObject([{id: bad.id}])
  })

  it('puts back what a later version wrote, due in 30 s and with nothing spent, and says so once', async () => {
    const {store, queue, inspector, namespace} = await openTestStore({clock: undefined})
    const receiver = await openReceiver()
    const later = [newTask({url: receiver.url()}), newTask({url: receiver.url()})]
    await queue.add([...later, newTask({url: receiver.url()})])
    for (const {id} of later) await store.redis.hset(`{${namespace}:default}:tasks`, id, `hX\n${receiver.url()}\n\n?`)
    const from = await store.now()

    const {log} = await startDispatcher(store)
    await receiver.received(1)
    const records = () => inspector.find(later.map(({id}) => id))
    await expect.poll(async () => (await records()).map(({state}) => state), patiently).toEqual(['scheduled', 'scheduled'])

    for (const {dueAt, run} of await records()) {
      expect(run).toMatchObject({errors: 0, lostLeases: 0, history: []})
      expect(dueAt! - from).toBeGreaterThanOrEqual(30_000)
      expect(dueAt! - from).toBeLessThan(45_000)
    }
    expect(log.saying('later_version')).toHaveLength(1)
    expect(receiver.calls).toHaveLength(1)
  })

  it('goes on with other queues when Redis cannot work with the data of one', async () => {
    const {store, inspector, namespace} = await openTestStore({clock: undefined})
    const receiver = await openReceiver()
    await store.redis.set(`{${namespace}:broken}:lanes`, 'not a sorted set')
    await store.redis.sadd(`${namespace}:queues`, 'broken')
    const dead = await openTestStore({clock: undefined, namespace})
    await store.queue('default').add(tasksFor(receiver.url(), 1))
    await dead.queue.claim({leaseMs: 1, limit: 1, laneConcurrency: 0, lostLimit: 0})

    const {log} = await startDispatcher(store)
    await store.queue('default').add(tasksFor(receiver.url(), 5))
    await receiver.received(6)

    await expect
      .poll(
        async () =>
          (
            await inspector.find(
              receiver.calls.map(({headers}) => String(headers['webhook-id'])),
              {queue: 'default'},
            )
          ).filter(({state}) => state === 'delivered'),
        patiently,
      )
      .toHaveLength(6)
    expect(log.saying('Redis is away')).toEqual([])
  })
})
