import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {claimOptions, complete, hold, keepAll, leaseMs, lose} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {aTask} from '../support/tasks.js'

describe('a script that Redis has forgotten', () => {
  it('is sent again, and runs once', async () => {
    const redis = await openOwnRedis()
    const {store, queue, inspector, clock} = await openTestStore({redisUrl: redis.url})
    const flush = () => store.redis.script('FLUSH')
    const claim = await hold(queue)
    const {id} = claim.task
    await queue.settle([complete(claim)], keepAll)

    await flush()
    await queue.add([aTask({id: 'a'})])
    await flush()
    const {claims} = await queue.claim(claimOptions)
    await flush()
    const lost = await queue.extend([{id: 'a', attempt: 1}], leaseMs)
    clock.advance(leaseMs)
    await flush()
    const spared = await queue.reclaim(claims.map(lose))
    await flush()
    const purged = await queue.purge([id], {states: taskStates})

    expect([claims.length, lost, spared, purged.changed]).toEqual([1, [], [], [id]])
    expect((await inspector.stats()).totals).toMatchObject({addedTotal: 2, ready: 1, active: 0, delivered: 0})
  })

  it('is sent by each of many calls at once, and none is lost', async () => {
    const redis = await openOwnRedis()
    const {queue, inspector} = await openTestStore({redisUrl: redis.url})

    await Promise.all(Array.from({length: 50}, () => queue.add([aTask()])))

    expect((await inspector.stats()).totals).toMatchObject({ready: 50, addedTotal: 50})
  })
})

describe('a script that fails', () => {
  it('says so as an error of torque', async () => {
    const {store, queue, namespace} = await openTestStore()
    await store.redis.set(`{${namespace}:default}:lanes`, 'foreign')

    await expect(queue.claim(claimOptions)).rejects.toMatchObject({name: 'TorqueError', code: 'internal'})
  })
})
