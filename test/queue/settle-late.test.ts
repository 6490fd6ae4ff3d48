import {describe, expect, it} from 'vitest'

import type {Claim} from '../../src/queue/queue.js'
import {taskStates} from '../../src/task/task.js'
import {bury, claimOptions, complete, hold, keepAll, leaseMs, lose, release, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const verdicts: [name: string, verdict: (claim: Claim) => ReturnType<typeof complete>][] = [
  ['complete', complete],
  ['retry', (claim) => retry(claim, 1000)],
  ['bury', bury],
  ['release', (claim) => release(claim)],
]

describe('settle, too late,', () => {
  it.each(verdicts)('says so and changes nothing once the next attempt runs: %s', async (_op, verdict) => {
    const {queue, inspector, clock} = await openTestStore()
    const stale = await hold(queue)
    clock.advance(leaseMs)
    await queue.reclaim([lose(stale)])
    await queue.claim(claimOptions)
    const before = [await inspector.find([stale.task.id]), await inspector.stats()]

    const late = await queue.settle([verdict(stale)], keepAll)

    expect(late).toMatchObject([{attempt: 1, task: {id: stale.task.id}}])
    expect([await inspector.find([stale.task.id]), await inspector.stats()]).toEqual(before)
  })

  it.each(verdicts)('changes nothing when it is sent twice: %s', async (_op, verdict) => {
    const {queue, inspector} = await openTestStore()
    const claim = await hold(queue)
    const first = await queue.settle([verdict(claim)], keepAll)
    const before = [await inspector.find([claim.task.id]), await inspector.stats()]

    const second = await queue.settle([verdict(claim)], keepAll)

    expect([first, second]).toMatchObject([[], [{attempt: 1}]])
    expect([await inspector.find([claim.task.id]), await inspector.stats()]).toEqual(before)
  })

  it.each(verdicts)('finds nothing once its task is purged: %s', async (_op, verdict) => {
    const {store, queue, namespace} = await openTestStore()
    const claim = await hold(queue)
    await queue.purge([claim.task.id], {states: taskStates})

    const late = await queue.settle([verdict(claim)], keepAll)

    expect(late).toHaveLength(1)
    expect(await store.redis.keys(`{${namespace}:default}:*`)).toEqual([`{${namespace}:default}:counters`])
  })

  it('finds nothing, and does no harm, in a Redis that lost its data', async () => {
    const {store, queue, inspector, namespace} = await openTestStore()
    const claim = await hold(queue)
    await store.redis.del(...(await store.redis.keys(`{${namespace}:default}:*`)))

    expect(await queue.settle([complete(claim)], keepAll)).toHaveLength(1)
    expect((await inspector.stats()).totals).toMatchObject({delivered: 0, deliveredTotal: 0, active: 0})
  })

  it('still counts after its lease ran out, as long as nobody took the task', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs + 1000)

    expect(await queue.settle([complete(claim)], keepAll)).toEqual([])
    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'delivered'}])
  })

  it('is told from those in time, in one batch', async () => {
    const {queue, inspector} = await openTestStore()
    const [stale, good] = [await hold(queue), await hold(queue)]
    await queue.settle([release(stale)], keepAll)

    const late = await queue.settle([complete(good), complete(stale)], keepAll)

    expect(late).toMatchObject([{task: {id: stale.task.id}}])
    expect((await inspector.stats()).totals).toMatchObject({ready: 1, delivered: 1, deliveredTotal: 1})
  })
})

describe('settle, with a key of a foreign type,', () => {
  it('of a lane, fails as a whole with nothing done, so that each can be settled by itself', async () => {
    const {store, queue, inspector, namespace} = await openTestStore()
    const [good, bad] = [await hold(queue), await hold(queue, {flowKey: 'foreign'})]
    await store.redis.set(`{${namespace}:default}:lane:foreign`, 'not a sorted set')

    await expect(queue.settle([complete(good), complete(bad)], keepAll)).rejects.toMatchObject({code: 'internal'})

    expect((await inspector.find([good.task.id]))[0]).toMatchObject({state: 'active'})
    expect(await queue.settle([complete(good)], keepAll)).toEqual([])
  })

  it.each(['runs', 'lane-active', 'counters', 'lanes', 'retrying', 'dead', 'delivered', 'dedup:k:a'])(
    'fails with nothing done, so that the lease holds until the key is right again: %s',
    async (name) => {
      const {store, queue, inspector, namespace} = await openTestStore()
      const key = `{${namespace}:default}:${name}`
      const held = [await hold(queue, {dedupKeys: ['k:a']}), await hold(queue)]
      await store.redis.del(key)
      await store.redis.rpush(key, 'foreign')

      for (const verdict of [complete, bury]) {
        await expect(queue.settle(held.map(verdict), keepAll)).rejects.toMatchObject({code: 'internal'})
      }
      await store.redis.del(key)

      expect((await inspector.stats()).totals).toMatchObject({active: 2, delivered: 0, dead: 0})
      expect(await queue.settle(held.map(complete), keepAll)).toEqual([])
    },
  )
})

describe.each(['add', 'purge', 'revive'] as const)('%s, with a dedup key of a foreign type in its batch,', (verb) => {
  it('fails as a whole with nothing done', async () => {
    const {store, queue, inspector, namespace} = await openTestStore()
    const [good, bad] = [aTask(), aTask({dedupKeys: ['k:a']})]
    if (verb !== 'add') {
      await queue.add([good, bad])
      await queue.settle((await queue.claim(claimOptions)).claims.map(bury), keepAll)
    }
    const before = await inspector.find([good.id, bad.id])
    await store.redis.del(`{${namespace}:default}:dedup:k:a`)
    await store.redis.rpush(`{${namespace}:default}:dedup:k:a`, 'foreign')

    const change = verb === 'add' ? queue.add([good, bad]) : queue[verb]([good.id, bad.id], {states: taskStates})

    await expect(change).rejects.toMatchObject({code: 'internal'})
    expect(await inspector.find([good.id, bad.id])).toEqual(before)
  })
})
