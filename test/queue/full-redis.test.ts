import {describe, expect, it} from 'vitest'

import {Store} from '../../src/queue/store.js'
import {taskStates} from '../../src/task/task.js'
import {bury, claimOne, claimOptions, complete, hold, keepAll, leaseMs, lose, release, retry} from '../support/attempts.js'
import {FakeClock, openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {aTask} from '../support/tasks.js'

/** A Redis that can be filled, and a store in it. */
async function openFullableStore() {
  const redis = await openOwnRedis('--maxmemory-policy', 'noeviction')
  const opened = await openTestStore({redisUrl: redis.url})
  const fill = () => opened.store.redis.config('SET', 'maxmemory', '1')
  const drain = () => opened.store.redis.config('SET', 'maxmemory', '0')
  return {...opened, redis, fill, drain}
}

describe('a Redis at its memory limit', () => {
  it('takes no task, and nothing of a batch is queued', async () => {
    const {queue, inspector, fill, drain} = await openFullableStore()
    await queue.add([aTask()])
    await fill()

    await expect(queue.add([aTask({dedupKeys: ['k:a']}), aTask()])).rejects.toMatchObject({code: 'queue_full', status: 503})

    expect((await inspector.stats()).totals).toMatchObject({ready: 1, addedTotal: 1})
    await drain()
    expect(await queue.add([aTask({dedupKeys: ['k:a']})])).toMatchObject([{duplicate: false}])
  })

  it('takes no task of a queue it has never heard of', async () => {
    const {store, fill} = await openFullableStore()
    await fill()

    await expect(store.queue('new').add([aTask({queue: 'new'})])).rejects.toMatchObject({code: 'queue_full'})
    expect(await store.queueNames()).toEqual(['default'])
  })

  it('still answers a request that it knows', async () => {
    const {queue, fill} = await openFullableStore()
    const task = aTask()
    await queue.add([task])
    await fill()

    expect(await queue.add([task])).toMatchObject([{id: task.id, duplicate: true}])
  })

  it('still claims', async () => {
    const {queue, fill} = await openFullableStore()
    await queue.add([aTask(), aTask({flowKey: 'other'})])
    await fill()

    expect((await queue.claim(claimOptions)).claims).toHaveLength(2)
  })

  it.each([
    ['complete', complete, 'delivered'],
    ['bury', bury, 'dead'],
    ['retry', (claim: Parameters<typeof bury>[0]) => retry(claim, 1000), 'retrying'],
    ['release', (claim: Parameters<typeof bury>[0]) => release(claim), 'ready'],
  ] as const)('still settles: %s', async (_op, verdict, state) => {
    const {queue, inspector, fill} = await openFullableStore()
    const claim = await hold(queue, {dedupKeys: ['k:a']})
    await fill()

    expect(await queue.settle([verdict(claim)], keepAll)).toEqual([])
    expect(await inspector.find([claim.task.id])).toMatchObject([{state}])
  })

  it('still settles where the first of a batch is too late', async () => {
    const {queue, fill} = await openFullableStore()
    const [stale, good] = [await hold(queue), await hold(queue)]
    await queue.settle([complete(stale)], keepAll)
    await fill()

    expect(await queue.settle([complete(stale), complete(good)], keepAll)).toMatchObject([{task: {id: stale.task.id}}])
  })

  it('still extends leases, and never makes one anew', async () => {
    const {queue, inspector, clock, fill} = await openFullableStore()
    const claim = await hold(queue)
    const held = {id: claim.task.id, attempt: 1}
    await fill()
    clock.advance(5000)

    expect(await queue.extend([{...held, attempt: 2}, held], leaseMs)).toEqual([{...held, attempt: 2}])
    expect(await inspector.find([held.id])).toMatchObject([{leaseEndsAt: clock.now() + leaseMs}])
  })

  it('still takes back lost tasks', async () => {
    const {queue, clock, fill} = await openFullableStore()
    const claim = await hold(queue)
    clock.advance(leaseMs)
    await fill()
    const {lost} = await queue.claim(claimOptions)

    expect(await queue.reclaim(lost.map(lose))).toEqual([])
    expect(await claimOne(queue)).toMatchObject({task: {id: claim.task.id}, attempt: 2})
  })

  it('still revives and purges', async () => {
    const {queue, fill} = await openFullableStore()
    const {task} = await hold(queue).then(async (claim) => (await queue.settle([bury(claim)], keepAll), claim))
    const later = aTask({due: {delayMs: 1000}})
    await queue.add([later])
    await fill()

    expect(await queue.revive([later.id, task.id], {states: taskStates})).toMatchObject({changed: [later.id, task.id]})
    expect(await queue.purge([task.id], {states: taskStates})).toMatchObject({changed: [task.id]})
  })

  it('lets a process that comes new work off what is there', async () => {
    const {queue, namespace, redis, fill} = await openFullableStore()
    await queue.add(Array.from({length: 5}, () => aTask()))
    await fill()
    const store = await Store.open({redisUrl: redis.url, namespace, profile: 'dispatcher', clock: new FakeClock()})

    const {claims} = await store.queue('default').claim(claimOptions)
    expect(await store.queue('default').settle(claims.map(complete), {keepDelivered: 0})).toEqual([])

    expect((await store.inspector.stats()).totals).toMatchObject({ready: 0, active: 0, deliveredTotal: 5})
    await store.close()
  })
})
