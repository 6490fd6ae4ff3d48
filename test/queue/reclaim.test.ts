import {describe, expect, it} from 'vitest'

import {bury, claimOne, claimOptions, complete, hold, keepAll, leaseMs, lose, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

describe('reclaim', () => {
  it('takes back a task whose lease ran out, and counts a lost lease, not an error', async () => {
    const {store, queue, inspector, clock, namespace} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs)
    const {lost} = await queue.claim(claimOptions)

    const spared = await queue.reclaim(lost.map(lose))

    expect(spared).toEqual([])
    expect(await inspector.find([claim.task.id])).toMatchObject([
      {state: 'ready', dueAt: clock.now(), run: {attempts: 1, errors: 0, lostLeases: 1}},
    ])
    expect(await store.redis.hget(`{${namespace}:default}:counters`, 'lostLeasesTotal')).toBe('1')
    expect(await claimOne(queue)).toMatchObject({attempt: 2})
  })

  it('leaves a lease alone that still runs', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs - 1)

    expect(await queue.reclaim([lose(claim)])).toHaveLength(1)
    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'active', run: {attempts: 0}}])
  })

  it('leaves a lease alone that was extended after it had been named', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs)
    const {lost} = await queue.claim(claimOptions)
    await queue.extend([{id: claim.task.id, attempt: 1}], leaseMs)

    expect(await queue.reclaim(lost.map(lose))).toHaveLength(1)
    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'active'}])
  })

  it('changes nothing where the task was settled after it had been named', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs)
    const {lost} = await queue.claim(claimOptions)
    await queue.settle([complete(claim)], keepAll)

    expect(await queue.reclaim(lost.map(lose))).toHaveLength(1)
    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'delivered'}])
  })

  it('lets one of two sweepers have the task', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs)

    const spared = await Promise.all([queue.reclaim([lose(claim)]), queue.reclaim([lose(claim)])])

    expect(spared.flat()).toHaveLength(1)
    expect((await inspector.find([claim.task.id]))[0]?.run.lostLeases).toBe(1)
  })

  it('gives a task that had failed back as retrying, with its errors', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const {task} = await hold(queue).then(async (claim) => (await queue.settle([retry(claim, 0)], keepAll), claim))
    const claim = await claimOne(queue)
    clock.advance(leaseMs)

    await queue.reclaim([lose(claim)])

    expect(await inspector.find([task.id])).toMatchObject([{state: 'retrying', run: {attempts: 2, errors: 1, lostLeases: 1}}])
  })

  it('buries a task that lost too many, without counting an error', async () => {
    const {store, queue, inspector, clock, namespace} = await openTestStore()
    const claim = await hold(queue, {dedupKeys: ['k:a']})
    clock.advance(leaseMs)

    await queue.reclaim([bury(claim)])

    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'dead', endedAt: clock.now()}])
    expect(await store.redis.hgetall(`{${namespace}:default}:counters`)).toEqual({
      addedTotal: '1',
      deadTotal: '1',
      lostLeasesTotal: '1',
    })
    expect(await store.redis.pttl(`{${namespace}:default}:dedup:k:a`)).toBeGreaterThan(0)
  })

  it.each(['', ', named by the task'])('frees the place in the lane though the task cannot be read any more%s', async (named) => {
    const {store, queue, clock, namespace} = await openTestStore()
    const lane = named ? {flowKey: 'lane é "1"'} : {}
    const one = {...claimOptions, laneConcurrency: 2}
    const tasks = [aTask(lane), aTask(lane), aTask({...lane, due: {delayMs: 1}})]
    await queue.add(tasks)
    const [damaged, whole] = (await queue.claim(one)).claims
    clock.advance(leaseMs - 1)
    await queue.extend([{id: whole!.task.id, attempt: 1}], leaseMs)
    await store.redis.hset(`{${namespace}:default}:tasks`, damaged!.task.id, 'garbage')
    clock.advance(1)

    const {claims, lost} = await queue.claim(one)
    expect(claims).toEqual([])
    expect(await queue.reclaim(lost.map(bury))).toEqual([])

    expect((await queue.claim(one)).claims).toMatchObject([{task: {id: tasks[2]!.id}}])
    expect(await store.redis.hvals(`{${namespace}:default}:lane-active`)).toEqual(['2'])
  })

  it('frees the places of all lanes in one batch with such a task', async () => {
    const {store, queue, clock, namespace} = await openTestStore()
    const tasks = ['a', 'a', 'a', 'b', 'b'].map((flowKey) => aTask({flowKey}))
    await queue.add(tasks)
    const {claims} = await queue.claim(claimOptions)
    const held = (index: number) => claims.find(({task}) => task.id === tasks[index]!.id)!
    await store.redis.hset(`{${namespace}:default}:tasks`, tasks[0]!.id, 'garbage')
    clock.advance(leaseMs)
    const {lost} = await queue.claim({...claimOptions, limit: 0})
    const isOf = (indexes: number[]) => lost.filter(({task}) => indexes.some((index) => tasks[index]!.id === task.id))

    await queue.reclaim(isOf([0, 1, 3]).map(bury))

    expect(await store.redis.hgetall(`{${namespace}:default}:lane-active`)).toEqual({a: '1', b: '1'})
    await queue.settle([held(2), held(4)].map(complete), keepAll)
    expect(await store.redis.exists(`{${namespace}:default}:lane-active`)).toBe(0)
  })

  it('is not needed where the lease is on nothing: its place is free at once', async () => {
    const {store, queue, clock, namespace} = await openTestStore()
    const one = {...claimOptions, laneConcurrency: 1}
    const claim = await hold(queue)
    const next = aTask()
    await queue.add([next])
    await queue.claim(one)
    await store.redis.hdel(`{${namespace}:default}:tasks`, claim.task.id)
    clock.advance(leaseMs)

    expect(await queue.claim(one)).toMatchObject({claims: [], lost: [], nextDueMs: 0})
    expect((await queue.claim(one)).claims).toMatchObject([{task: {id: next.id}}])
  })

  it('frees the place in the lane', async () => {
    const {queue, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs)
    await queue.reclaim([lose(claim)])

    expect((await queue.claim({...claimOptions, laneConcurrency: 1})).claims).toMatchObject([{attempt: 2}])
  })
})
