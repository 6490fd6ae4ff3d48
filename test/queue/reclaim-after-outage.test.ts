import {describe, expect, it} from 'vitest'

import {claimOptions, hold, leaseMs} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {aTask} from '../support/tasks.js'

const watching = {leaseMs, quietMs: 5_000}

/** A task in hand, and somebody who looks after leases. */
async function openWatched(options: Parameters<typeof openTestStore>[0] = {}) {
  const opened = await openTestStore(options)
  const {queue, clock} = opened
  const claim = await hold(queue)
  const lost = async () => {
    const lostLimit = (await queue.watch(watching)) ? 100 : 0
    return (await queue.claim({...claimOptions, limit: 0, lostLimit})).lost.map(({task}) => task.id)
  }
  /** Looks after leases each second, for so long. */
  const watch = async (ms: number) => {
    for (const until = clock.now() + ms; clock.now() < until; clock.advance(1_000)) await lost()
  }
  const extend = () => queue.extend([{id: claim.task.id, attempt: 1}], leaseMs)
  await lost()
  return {...opened, claim, lost, watch, extend}
}

describe('a lease that ran out', () => {
  it('is named at once where leases are looked after all the time', async () => {
    const {claim, lost, watch} = await openWatched()

    await watch(leaseMs)

    expect(await lost()).toEqual([claim.task.id])
  })

  it('is not named for one lease where nobody looked after leases for a while: its owner may be about to say so', async () => {
    const {claim, clock, lost, watch, extend} = await openWatched()
    await watch(2_000)
    clock.advance(60_000)

    const first = await lost()
    await watch(leaseMs - 1)
    const later = await lost()

    expect([first, later]).toEqual([[], [claim.task.id]])
    expect(await extend()).toEqual([])
    expect(await lost()).toEqual([])
  })

  it('is named at once where it was taken after a time in which nothing was in hand', async () => {
    const {queue, clock, claim, lost, watch, extend} = await openWatched()
    await extend()
    clock.advance(3_600_000)
    await queue.purge([claim.task.id], {states: ['active']})
    const next = await hold(queue)
    clock.advance(1_000)

    await watch(leaseMs - 1_000)

    expect(await lost()).toEqual([next.task.id])
  })

  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('by the clock of Redis, which went %s, is named a lease later at most', async (_way, ms) => {
    const {clock, claim, lost, watch, extend} = await openWatched()
    await watch(2_000)
    clock.advance(ms)

    const atOnce = await lost()
    await extend()
    await watch(leaseMs)

    expect(atOnce).toEqual([])
    expect(await lost()).toEqual([claim.task.id])
  })

  it('is named in a full Redis too', async () => {
    const redis = await openOwnRedis()
    const {store, claim, watch, lost} = await openWatched({redisUrl: redis.url})
    await store.redis.config('SET', 'maxmemory', '1')

    await watch(leaseMs)

    expect(await lost()).toEqual([claim.task.id])
  })

  it('is nobody to look after where there is none: nothing is written', async () => {
    const {store, queue, namespace} = await openTestStore()
    await queue.add([aTask({due: {delayMs: 1_000}})])

    expect(await queue.watch(watching)).toBe(false)
    expect(await store.redis.exists(`{${namespace}:default}:reclaim`)).toBe(0)
  })
})
