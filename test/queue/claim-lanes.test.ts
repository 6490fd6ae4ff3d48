import {describe, expect, it} from 'vitest'

import type {Claim} from '../../src/queue/queue.js'
import {claimOptions, complete, hold, keepAll, leaseMs, release} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

describe('claim, over lanes,', () => {
  it('begins with the lane whose head has waited longest', async () => {
    const {queue, clock} = await openTestStore()
    const tasks = [30, 10, 20].map((delayMs) => aTask({flowKey: `lane ${delayMs}`, due: {delayMs}}))
    await queue.add(tasks)
    clock.advance(100)

    const {claims} = await queue.claim({...claimOptions, limit: 2})

    expect(claims.map(({task}) => task.flowKey)).toEqual(['lane 10', 'lane 20'])
  })

  it('goes on with the others where the key of one is of a foreign type', async () => {
    const {store, queue, clock} = await openTestStore()
    const {redis, keys} = store.context('default')
    await queue.add([aTask({flowKey: 'foreign'}), aTask({flowKey: 'other'})])
    await redis.set(keys.lane('foreign'), 'of somebody else')

    expect((await queue.claim(claimOptions)).claims).toMatchObject([{task: {flowKey: 'other'}}])

    await redis.del(keys.lane('foreign'))
    await queue.add([aTask({flowKey: 'foreign'})])
    clock.advance(1000)
    expect((await queue.claim(claimOptions)).claims).toMatchObject([{task: {flowKey: 'foreign'}}])
  })

  it('keeps the order of due times within a lane, whoever claims', async () => {
    const {queue, clock} = await openTestStore()
    const tasks = Array.from({length: 60}, (_, index) => aTask({due: {delayMs: (index * 37) % 60}}))
    await queue.add(tasks)
    clock.advance(60)
    const started: (number | undefined)[] = []

    for (const limit of [7, 13, 1, 39]) {
      const {claims} = await queue.claim({...claimOptions, limit})
      started.push(...claims.map(({dueAt}) => dueAt))
    }

    expect(started).toHaveLength(60)
    expect(started).toEqual(started.toSorted((one, other) => one! - other!))
  })

  it('says that there is more at once where the limit was the caller`s', async () => {
    const {queue} = await openTestStore()
    await queue.add([aTask(), aTask(), aTask({flowKey: 'other'})])

    const {claims, nextDueMs} = await queue.claim({...claimOptions, limit: 1})

    expect(claims).toHaveLength(1)
    expect(nextDueMs).toBe(0)
  })

  it.each([0, 100])(
    'says that there is more at once where a lane was cut short by its turn, with %i places per lane',
    async (laneConcurrency) => {
      const {queue} = await openTestStore()
      await queue.add(Array.from({length: 10}, () => aTask({flowKey: 'many'})))
      await queue.add([aTask({flowKey: 'one'})])

      const {claims, nextDueMs} = await queue.claim({...claimOptions, limit: 10, laneConcurrency, free: 100})

      expect(claims.length).toBeLessThan(10)
      expect(nextDueMs).toBe(0)
    },
  )

  it('says nothing of a full lane until one of its tasks has settled', async () => {
    const {queue} = await openTestStore()
    const claim = await hold(queue)
    await queue.add([aTask(), aTask({flowKey: 'other', due: {delayMs: 9000}})])

    const full = await queue.claim({...claimOptions, laneConcurrency: 1})
    await queue.settle([release(claim)], keepAll)
    const {nextDueMs} = await queue.claim({...claimOptions, limit: 0})

    expect([full.claims, full.nextDueMs]).toEqual([[], 9000])
    expect(nextDueMs).toBe(0)
  })

  it.each([
    ['as it becomes full', 1],
    ['where an add has called it back', 2],
  ])('sets a full lane aside, far ahead, until one of its tasks has settled: %s', async (_when, adds) => {
    const {store, queue, clock, namespace} = await openTestStore()
    const hint = () => store.redis.zscore(`{${namespace}:default}:lanes`, aTask().flowKey)
    const claims: Claim[] = []
    for (let made = 0; made < adds; made++) {
      await queue.add([aTask(), aTask()])
      claims.push(...(await queue.claim({...claimOptions, laneConcurrency: 1})).claims)
    }

    const whileFull = await hint()
    await queue.settle(claims.map(complete), keepAll)

    expect(Number(whileFull)).toBeGreaterThan(clock.now() + 366 * 24 * 3_600_000)
    expect(await hint()).toBe(String(clock.now()))
  })

  it('gets past hundreds of full lanes in a few calls', async () => {
    const {queue} = await openTestStore()
    const lanes = Array.from({length: 450}, (_, index) => `full ${index}`)
    await queue.add(lanes.map((flowKey) => aTask({flowKey})))
    while ((await queue.claim({...claimOptions, laneConcurrency: 1})).nextDueMs === 0);
    // Each add lowers its lane's hint, full as it is.
    await queue.add(lanes.map((flowKey) => aTask({flowKey})))
    const {id} = aTask()
    await queue.add([aTask({id, flowKey: 'free'})])
    const claimed: string[] = []

    for (let calls = 0; calls < 3; calls++) {
      const {claims} = await queue.claim({...claimOptions, laneConcurrency: 1})
      claimed.push(...claims.map(({task}) => task.id))
    }

    expect(claimed).toEqual([id])
    expect(await queue.claim({...claimOptions, laneConcurrency: 1})).toMatchObject({nextDueMs: null})
  })

  it('is not held up by ids whose tasks are gone', async () => {
    const {store, queue, namespace} = await openTestStore()
    const [gone, next] = [aTask({due: {at: 1}}), aTask({due: {at: 2}})]
    await queue.add([gone, next])
    await store.redis.hdel(`{${namespace}:default}:tasks`, gone.id)

    const first = await queue.claim({...claimOptions, laneConcurrency: 1})
    const second = await queue.claim({...claimOptions, laneConcurrency: 1})

    expect([first.claims, first.nextDueMs]).toEqual([[], 0])
    expect(second.claims).toMatchObject([{task: {id: next.id}}])
  })

  it('with no free place takes nothing, and still tells what is next and what is lost', async () => {
    const {queue, clock} = await openTestStore()
    const {task} = await hold(queue)
    clock.advance(leaseMs)
    await queue.add([aTask({due: {delayMs: 700}})])

    expect(await queue.claim({...claimOptions, limit: 0})).toMatchObject({
      claims: [],
      nextDueMs: 700,
      lost: [{task: {id: task.id}, attempt: 1}],
    })
  })

  it('names no more lost leases than asked for, the longest lost first', async () => {
    const {queue, clock} = await openTestStore()
    const lost: string[] = []
    for (let made = 0; made < 3; made++) {
      lost.push((await hold(queue)).task.id)
      clock.advance(10)
    }
    clock.advance(leaseMs)

    const named = await queue.claim({...claimOptions, lostLimit: 2})

    expect(named.lost.map(({task}) => task.id)).toEqual(lost.slice(0, 2))
    expect((await queue.claim({...claimOptions, lostLimit: 0})).lost).toEqual([])
  })

  it('drops a lease on nothing', async () => {
    const {store, queue, clock, namespace} = await openTestStore()
    const {task} = await hold(queue)
    await store.redis.hdel(`{${namespace}:default}:tasks`, task.id)
    clock.advance(leaseMs)

    expect((await queue.claim(claimOptions)).lost).toEqual([])
    expect(await store.redis.exists(`{${namespace}:default}:active`)).toBe(0)
  })
})
