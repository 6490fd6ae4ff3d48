import {describe, expect, it} from 'vitest'

import type {Claim} from '../../src/queue/queue.js'
import {bury, claimOne, claimOptions, complete, ended, hold, keepAll, release, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

describe('settle', () => {
  it('completes: delivered now, with its run', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(30)

    const late = await queue.settle([complete(claim)], keepAll)

    expect(late).toEqual([])
    expect(await inspector.find([claim.task.id])).toMatchObject([
      {state: 'delivered', endedAt: clock.now(), dueAt: null, run: {attempts: 1, errors: 0}},
    ])
  })

  it('retries: due after the wait, as retrying, also once it is due', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    const {id} = claim.task

    await queue.settle([retry(claim, 2000)], keepAll)
    const waiting = await inspector.find([id])
    clock.advance(2000)

    expect(waiting).toMatchObject([{state: 'retrying', dueAt: clock.now(), run: {attempts: 1, errors: 1}}])
    expect(await inspector.find([id])).toEqual(waiting)
    expect(await claimOne(queue)).toMatchObject({attempt: 2, task: {id}})
  })

  it('rounds a wait up, so that nothing is early', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)

    await queue.settle([retry(claim, 0.2)], keepAll)

    expect((await inspector.find([claim.task.id]))[0]?.dueAt).toBe(clock.now() + 1)
  })

  it('buries: dead now', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(30)

    await queue.settle([bury(claim)], keepAll)

    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'dead', endedAt: clock.now(), run: {errors: 1}}])
    expect((await queue.claim(claimOptions)).claims).toEqual([])
  })

  it('releases a task without errors as ready', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)

    await queue.settle([release(claim)], keepAll)

    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'ready', dueAt: clock.now()}])
    expect(await claimOne(queue)).toMatchObject({attempt: 2, run: {errors: 0}})
  })

  it('releases a task with errors as retrying', async () => {
    const {queue, inspector} = await openTestStore()
    const claim = await hold(queue)
    await queue.settle([retry(claim, 0)], keepAll)

    await queue.settle([release(await claimOne(queue))], keepAll)

    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'retrying', run: {attempts: 2, errors: 1}}])
  })

  it('releases for later where told to', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)

    await queue.settle([release(claim, clock.now() + 30_000)], keepAll)

    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'scheduled', dueAt: clock.now() + 30_000}])
  })

  it('keeps the run as it was given, hostile content and all', async () => {
    const {queue, inspector} = await openTestStore()
    const claim = await hold(queue)
    const history = [
      {
        attempt: 1,
        startedAt: 1,
        durationMs: 2,
        status: 500,
        error: 'http_status' as const,
        message: '1,0,0\n[]',
        response: '9,9\n"',
      },
    ]
    const run = ended(claim, {errors: 1, history})

    await queue.settle([{...claim, verdict: {op: 'bury', run}}], keepAll)

    expect((await inspector.find([claim.task.id]))[0]?.run).toEqual(run)
  })

  it('takes any number, in batches, over many lanes', async () => {
    const {queue, inspector} = await openTestStore()
    await queue.add(Array.from({length: 1201}, (_, index) => aTask({flowKey: `lane ${index % 90}`})))
    const held: Claim[] = []
    while (held.length < 1201) held.push(...(await queue.claim(claimOptions)).claims)

    const late = await queue.settle(
      held.map((claim, index) => (index % 2 ? complete(claim) : retry(claim, 5))),
      keepAll,
    )

    expect(late).toEqual([])
    expect((await inspector.stats()).totals).toMatchObject({active: 0, delivered: 600, retrying: 601, deliveredTotal: 600})
  })

  it('counts what it did', async () => {
    const {store, queue, inspector, namespace} = await openTestStore()
    for (const verdict of [complete, complete, bury, release]) await queue.settle([verdict(await hold(queue))], keepAll)
    await queue.settle([retry(await claimOne(queue), 1000)], keepAll)

    expect((await inspector.stats()).totals).toMatchObject({addedTotal: 4, deliveredTotal: 2, deadTotal: 1})
    expect(await store.redis.hgetall(`{${namespace}:default}:counters`)).toEqual({
      addedTotal: '4',
      deliveredTotal: '2',
      deadTotal: '1',
      errorsTotal: '2',
    })
  })
})

describe('settle keeps the newest delivered tasks', () => {
  it('and drops the oldest, runs included', async () => {
    const {store, queue, inspector, clock, namespace} = await openTestStore()
    const ids: string[] = []
    for (let made = 0; made < 5; made++) {
      const claim = await hold(queue)
      ids.push(claim.task.id)
      clock.advance(10)
      await queue.settle([complete(claim)], {keepDelivered: 3})
    }

    const {records} = await inspector.page({states: ['delivered'], limit: 10})

    expect(records.map(({task}) => task.id)).toEqual(ids.slice(2).toReversed())
    expect(await store.redis.hlen(`{${namespace}:default}:tasks`)).toBe(3)
    expect(await store.redis.hlen(`{${namespace}:default}:runs`)).toBe(3)
    expect((await inspector.stats()).totals.deliveredTotal).toBe(5)
  })

  it('and with 0 none, also of those that were kept before', async () => {
    const {store, queue, inspector, namespace} = await openTestStore()
    await queue.settle([complete(await hold(queue))], keepAll)
    await queue.settle([complete(await hold(queue))], {keepDelivered: 0})

    expect((await inspector.stats()).totals).toMatchObject({delivered: 0, deliveredTotal: 2})
    expect(await store.redis.hlen(`{${namespace}:default}:tasks`)).toBe(0)
    expect(await store.redis.hlen(`{${namespace}:default}:runs`)).toBe(0)
  })

  it('a bounded number at a time after the limit was lowered', async () => {
    const {queue, inspector} = await openTestStore()
    await queue.add(Array.from({length: 1500}, () => aTask()))
    for (let held = 0; held < 3; held++) {
      const {claims} = await queue.claim({...claimOptions, laneConcurrency: 2000})
      await queue.settle(claims.map(complete), keepAll)
    }
    const kept: number[] = []

    for (let more = 0; more < 2; more++) {
      await queue.settle([complete(await hold(queue))], {keepDelivered: 10})
      kept.push((await inspector.stats()).totals.delivered)
    }

    expect(kept).toEqual([501, 10])
  })
})
