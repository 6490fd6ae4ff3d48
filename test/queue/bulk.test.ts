import {describe, expect, it} from 'vitest'

import {runBulk} from '../../src/queue/bulk.js'
import {type Selection, type Wanted, freeze} from '../../src/queue/selection.js'
import type {Store} from '../../src/queue/store.js'
import {parseFilter} from '../../src/task/parse-filter.js'
import type {TaskState} from '../../src/task/task.js'
import {bringTo, claimOne, complete, keepAll} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const many = (count: number) => Array.from({length: count}, () => aTask({due: {delayMs: 60_000}}))

/** The selection, as its batches have it. */
function frozen(selection: Selection): {id: string; states: readonly TaskState[]}[] {
  return [...selection.batches(500)].flatMap(({ids, states}) => ids.map((id) => ({id, states})))
}

const select = (store: Store, fields: Parameters<typeof parseFilter>[0], rest: Partial<Wanted> = {}) =>
  freeze(store, 'purge', {filter: parseFilter(fields), ...rest})

describe('freeze', () => {
  it('takes every task of the states once, over several steps', async () => {
    const {store, queue} = await openTestStore()
    const tasks = many(2203)
    await queue.add(tasks)
    await bringTo('dead', queue)

    const selection = await select(store, {state: ['scheduled']})

    expect(new Set(frozen(selection).map(({id}) => id))).toEqual(new Set(tasks.map(({id}) => id)))
    expect(selection.size).toBe(2203)
    expect([...selection.batches(500)].map(({ids}) => ids.length)).toEqual([500, 500, 500, 500, 203])
  })

  it('counts the age of what ended from its end, of what waits from its beginning', async () => {
    const {store, queue} = await openTestStore({clock: undefined})
    const [dead, waiting] = [await bringTo('dead', queue), await bringTo('scheduled', queue)]
    const state = ['dead,scheduled']

    expect((await select(store, {state, olderThan: ['1m']})).size).toBe(0)
    expect(frozen(await select(store, {state, olderThan: ['0']}))).toEqual([
      {id: waiting.id, states: ['scheduled']},
      {id: dead.id, states: ['dead']},
    ])
  })

  it('goes by the clock that the scripts go by', async () => {
    const {store, queue, clock} = await openTestStore()
    const {id} = await bringTo('dead', queue)
    clock.advance(10_000)

    expect((await select(store, {olderThan: ['10001ms']})).size).toBe(0)
    expect(frozen(await select(store, {olderThan: ['10s']}))).toEqual([{id, states: ['dead']}])
  })

  it('stops at the limit', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(5))

    expect((await select(store, {state: ['scheduled']}, {limit: 3})).size).toBe(3)
  })

  it('goes no further when it is interrupted', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(2500))
    const stop = new AbortController()

    const selection = await freeze(
      store,
      'purge',
      {filter: parseFilter({state: ['scheduled']})},
      {signal: stop.signal, onScan: () => stop.abort()},
    )

    expect(selection).toMatchObject({size: 1000, interrupted: true})
  })

  it('lets time make a scheduled task ready only where ready ones are meant, too', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(1))

    expect(frozen(await select(store, {state: ['scheduled']}))).toMatchObject([{states: ['scheduled']}])
    expect(frozen(await select(store, {state: ['scheduled,ready']}))).toMatchObject([{states: ['scheduled', 'ready']}])
  })
})

describe('runBulk', () => {
  it('works in batches of at most 500 and counts as it goes', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(1100))
    const selection = await select(store, {state: ['scheduled']})
    const changed: number[] = []

    const outcome = await runBulk(store, 'purge', selection, {onBatch: (counts) => changed.push(counts.changed)})

    expect(changed).toEqual([500, 1000, 1100])
    expect(outcome).toEqual({matched: 1100, changed: 1100, skipped: 0, failed: 0, interrupted: false, error: null})
  })

  it('skips what has left the state that it was selected in, also for another that was asked for', async () => {
    const {store, queue} = await openTestStore()
    const dead = await bringTo('dead', queue)
    const selection = await select(store, {state: ['all']})
    await queue.revive([dead.id], {states: ['dead']})
    await queue.settle([complete(await claimOne(queue))], keepAll)

    expect(await runBulk(store, 'purge', selection)).toMatchObject({changed: 0, skipped: 1})
    expect(await store.inspector.find([dead.id])).toHaveLength(1)
  })

  it('revives nothing that is ready, active or delivered', async () => {
    const {store, queue, inspector} = await openTestStore()
    const delivered = await bringTo('delivered', queue)
    const ready = await bringTo('ready', queue)
    const selection = await freeze(store, 'retry', {ids: [delivered.id, ready.id]})

    expect(await runBulk(store, 'retry', selection)).toMatchObject({matched: 2, changed: 0, skipped: 2})
    expect((await inspector.find([delivered.id]))[0]?.state).toBe('delivered')
  })

  it('ends after the batch in which it is interrupted, and says what is done', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(1100))
    const selection = await select(store, {state: ['scheduled']})
    const stop = new AbortController()

    const outcome = await runBulk(store, 'purge', selection, {signal: stop.signal, onBatch: () => stop.abort()})

    expect(outcome).toMatchObject({matched: 1100, changed: 500, interrupted: true})
    expect((await store.inspector.stats()).totals.scheduled).toBe(600)
  })

  it('keeps to a rate, and leaves the wait when it is interrupted', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(30))
    const selection = await select(store, {state: ['scheduled']})
    const [stop, at, startedAt] = [new AbortController(), [] as number[], performance.now()]

    const outcome = await runBulk(store, 'purge', selection, {
      perSecond: 20,
      signal: stop.signal,
      onBatch: ({changed}) => {
        at.push(performance.now() - startedAt)
        if (changed === 15) setTimeout(() => stop.abort(), 20)
      },
    })

    expect(outcome).toMatchObject({changed: 15, interrupted: true})
    // Five a quarter of a second.
    expect(at).toHaveLength(3)
    expect(at[2]).toBeGreaterThan(490)
  })

  it('reports a Redis that goes away as the error that stopped it', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(1100))
    const selection = await select(store, {state: ['scheduled']})

    const outcome = await runBulk(store, 'purge', selection, {onBatch: () => store.redis.disconnect()})

    expect(outcome).toMatchObject({changed: 500, failed: 500, error: {code: 'redis_unavailable'}})
  })
})
