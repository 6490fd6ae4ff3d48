import {describe, expect, it} from 'vitest'

import {runBulk, selectIds} from '../../src/queue/bulk.js'
import {bringTo} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const many = (count: number) => Array.from({length: count}, () => aTask({due: {delayMs: 60_000}}))

describe('selectIds', () => {
  it('takes every task of the states once, over several pages', async () => {
    const {store, queue} = await openTestStore()
    const tasks = many(1203)
    await queue.add(tasks)
    await bringTo('dead', queue)

    const selected = await selectIds(store, {queue: 'default', states: ['scheduled']})

    expect(new Set(selected.map(({id}) => id))).toEqual(new Set(tasks.map(({id}) => id)))
    expect(selected).toHaveLength(1203)
  })

  it('counts the age of what ended from its end, of what waits from its beginning', async () => {
    const {store, queue} = await openTestStore({clock: undefined})
    const [dead, waiting] = [await bringTo('dead', queue), await bringTo('scheduled', queue)]
    const states = ['dead', 'scheduled'] as const

    expect(await selectIds(store, {states, olderThanMs: 60_000})).toEqual([])
    const selected = await selectIds(store, {states, olderThanMs: 0})
    expect(selected.map(({id, state}) => [id, state])).toEqual([
      [waiting.id, 'scheduled'],
      [dead.id, 'dead'],
    ])
  })

  it('goes by the clock that the scripts go by', async () => {
    const {store, queue, clock} = await openTestStore()
    const {id} = await bringTo('dead', queue)
    clock.advance(10_000)

    expect(await selectIds(store, {states: ['dead'], olderThanMs: 10_001})).toEqual([])
    expect(await selectIds(store, {states: ['dead'], olderThanMs: 10_000})).toMatchObject([{id}])
  })

  it('stops at the limit', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(5))

    expect(await selectIds(store, {states: ['scheduled'], limit: 3})).toHaveLength(3)
  })
})

describe('runBulk', () => {
  it('works in batches of at most 500 and counts as it goes', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(1100))
    const tasks = await selectIds(store, {states: ['scheduled']})
    const changed: number[] = []

    const outcome = await runBulk(store, 'purge', tasks, {
      states: ['scheduled'],
      onBatch: (counts) => changed.push(counts.changed),
    })

    expect(changed).toEqual([500, 1000, 1100])
    expect(outcome).toEqual({matched: 1100, changed: 1100, skipped: 0, failed: 0, interrupted: false, error: null})
  })

  it('skips what has left the selected states since', async () => {
    const {store, queue} = await openTestStore()
    const dead = await bringTo('dead', queue)
    const tasks = await selectIds(store, {states: ['dead']})
    await queue.revive([dead.id], {states: ['dead']})

    expect(await runBulk(store, 'purge', tasks, {states: ['dead']})).toMatchObject({changed: 0, skipped: 1})
    expect(await store.inspector.find([dead.id])).toHaveLength(1)
  })

  it('revives nothing that is ready, active or delivered, whatever the states', async () => {
    const {store, queue, inspector} = await openTestStore()
    const delivered = await bringTo('delivered', queue)
    const ready = await bringTo('ready', queue)
    const tasks = [delivered, ready].map(({id}) => ({id, queue: 'default'}))

    const outcome = await runBulk(store, 'retry', tasks, {states: ['delivered', 'ready', 'active', 'dead']})

    expect(outcome).toMatchObject({matched: 2, changed: 0, skipped: 2})
    expect((await inspector.find([delivered.id]))[0]?.state).toBe('delivered')
  })

  it('ends after the batch in which it is interrupted, and says what is done', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(1100))
    const tasks = await selectIds(store, {states: ['scheduled']})
    const stop = new AbortController()

    const outcome = await runBulk(store, 'purge', tasks, {
      states: ['scheduled'],
      signal: stop.signal,
      onBatch: () => stop.abort(),
    })

    expect(outcome).toMatchObject({matched: 1100, changed: 500, interrupted: true})
    expect((await store.inspector.stats()).totals.scheduled).toBe(600)
  })

  it('reports a Redis that goes away as the error that stopped it', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(many(1100))
    const tasks = await selectIds(store, {states: ['scheduled']})

    const outcome = await runBulk(store, 'purge', tasks, {states: ['scheduled'], onBatch: () => store.redis.disconnect()})

    expect(outcome).toMatchObject({changed: 500, failed: 500, error: {code: 'redis_unavailable'}})
  })
})
