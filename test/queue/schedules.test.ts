import {describe, expect, it} from 'vitest'

import {Schedules} from '../../src/queue/schedules.js'
import {type ScheduleFields, newSchedule, tickAt} from '../../src/task/schedule.js'
import {claimOptions, complete, keepAll} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'

const url = 'http://127.0.0.1:9/hook'

async function openSchedules() {
  const {store, clock, queue, namespace} = await openTestStore()
  const schedules = new Schedules(store, 'default')
  const put = (fields: ScheduleFields = {every: '1m'}, params = '{}') =>
    schedules.put(newSchedule('nightly', fields, {url, params}, {now: clock.now()}))
  return {store, clock, queue, namespace, schedules, put, start: clock.now()}
}

/** What a serve does when it looks. */
async function look(schedules: Schedules) {
  const {now, due} = await schedules.due()
  return Promise.all(due.map((each) => schedules.tick(each, tickAt(each.schedule, each.due, now))))
}

describe('due', () => {
  it('finds what can be read behind any number of schedules that cannot', async () => {
    const {store, clock, schedules, put, start} = await openSchedules()
    const {keys, redis} = store.context('default')
    const later = Array.from({length: 250}, (_, index) => `later${index}`)
    await redis.hset(keys.schedules, ...later.flatMap((name) => [name, '{}']))
    await redis.zadd(keys.ticks, ...later.flatMap((name) => [start + 1000, name]))
    await put()
    clock.advance(60_000)

    expect((await schedules.due()).due).toMatchObject([{schedule: {name: 'nightly'}, due: start + 60_000}])
  })
})

describe('put', () => {
  it('has a schedule wait for its first tick, and its queue be known', async () => {
    const {store, put, schedules, start} = await openSchedules()

    expect(await put()).toMatchObject({nextAt: start + 60_000, lastAt: null, lastId: null, added: 0, skipped: 0})
    expect(await schedules.due()).toEqual({now: start, due: [], nextAt: start + 60_000})
    expect(await store.scheduledQueues()).toEqual(['default'])
  })

  it('in the place of another changes its task, and not what it waits for where it ticks as before', async () => {
    const {clock, put, start} = await openSchedules()
    await put()
    clock.advance(45_000)

    expect(await put({every: '60'}, '{"a":1}')).toMatchObject({nextAt: start + 60_000, schedule: {task: {params: '{"a":1}'}}})
    expect(await put({every: '30s'})).toMatchObject({nextAt: start + 75_000})
  })

  it('keeps a missed tick, which is still to be made up for', async () => {
    const {clock, put, start} = await openSchedules()
    await put()
    clock.advance(150_000)

    expect(await put()).toMatchObject({nextAt: start + 60_000})
  })

  it('keeps the pause of the one before', async () => {
    const {put, schedules} = await openSchedules()
    await put()
    await schedules.pause('nightly', true)

    expect(await put()).toMatchObject({nextAt: null, schedule: {paused: true}})
  })

  it('by many at once leaves one that is whole', async () => {
    const {put, schedules} = await openSchedules()

    await Promise.all(Array.from({length: 5}, (_, at) => put({every: `${at + 1}m`})))

    const [record, ...others] = await schedules.list()
    expect(others).toEqual([])
    expect(record?.schedule.ticking).toMatchObject({everyMs: (record?.nextAt ?? 0) - (await schedules.due()).now})
  })
})

describe('a tick', () => {
  it('adds one task, however many try, and then waits for the next one', async () => {
    const {clock, queue, put, schedules, start, store} = await openSchedules()
    await put()
    clock.advance(60_007)
    const {now, due} = await schedules.due()
    const what = tickAt(due[0]!.schedule, due[0]!.due, now)

    const outcomes = await Promise.all(Array.from({length: 20}, () => schedules.tick(due[0]!, what)))

    expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(19)
    const id = `nightly-${(start + 60_000).toString(36)}`
    const {claims} = await queue.claim({...claimOptions, free: 100})
    expect(claims.map(({task}) => task)).toMatchObject([{id, url, createdAt: clock.now()}])
    expect(await schedules.list()).toMatchObject([{nextAt: start + 120_000, lastAt: start + 60_000, lastId: id, added: 1}])
    expect((await store.inspector.stats()).totals.addedTotal).toBe(1)
  })

  it('adds nothing where the schedule has been changed, paused or removed since it was read', async () => {
    const {clock, put, schedules, store} = await openSchedules()
    const changes = [
      () => put({every: '1m'}, '{"a":2}'),
      () => schedules.pause('nightly', true),
      () => schedules.remove('nightly'),
    ]
    for (const change of changes) {
      await schedules.remove('nightly')
      await put()
      clock.advance(60_000)
      const {now, due} = await schedules.due()
      await change()

      expect(await schedules.tick(due[0]!, tickAt(due[0]!.schedule, due[0]!.due, now))).toBe('changed')
    }
    expect((await store.inspector.stats()).totals.addedTotal).toBe(0)
  })

  it('is skipped while the last task has not ended, where it is not to overlap', async () => {
    const {clock, queue, put, schedules} = await openSchedules()
    await put({every: '1m', overlap: 'skip'})
    clock.advance(60_000)
    expect(await look(schedules)).toEqual(['added'])
    clock.advance(60_000)
    expect(await look(schedules)).toEqual(['skipped'])
    const {claims} = await queue.claim({...claimOptions, free: 100})
    clock.advance(60_000)
    expect(await look(schedules)).toEqual(['skipped'])
    await queue.settle(claims.map(complete), keepAll)
    clock.advance(60_000)

    expect(await look(schedules)).toEqual(['added'])
    expect(await schedules.find('nightly')).toMatchObject({added: 2, skipped: 2})
  })

  it.each([
    ['one', ['added'], 1],
    ['all', ['added', 'added', 'added'], 3],
  ])('that was missed is made up for by %s', async (catchUp, outcomes, added) => {
    const {clock, put, schedules, start} = await openSchedules()
    await put({every: '1m', catchUp})
    clock.advance(200_000)
    const seen: string[] = []

    for (let tries = 0; tries < 5; tries++) seen.push(...(await look(schedules)))

    expect(seen).toEqual(outcomes)
    expect(await schedules.find('nightly')).toMatchObject({added, lastAt: start + 180_000, nextAt: start + 240_000})
  })

  it('after which none comes leaves the schedule waiting for nothing', async () => {
    const {clock, put, schedules} = await openSchedules()
    await put({cron: '0 1 0 1 1 * 2030'})
    clock.advance(3_600_000)

    expect(await look(schedules)).toEqual(['added'])
    expect(await schedules.find('nightly')).toMatchObject({nextAt: null, added: 1})
    expect(await schedules.due()).toMatchObject({due: [], nextAt: null})
  })
})

describe('pause', () => {
  it('ends with the next tick from then', async () => {
    const {clock, put, schedules, start} = await openSchedules()
    await put()
    expect(await schedules.pause('nightly', true)).toMatchObject({nextAt: null})
    clock.advance(150_000)
    expect(await look(schedules)).toEqual([])

    expect(await schedules.pause('nightly', false)).toMatchObject({nextAt: start + 180_000})
    expect(await schedules.pause('nobody', true)).toBeUndefined()
  })

  it('that is ended where there is none changes nothing', async () => {
    const {clock, put, schedules, start} = await openSchedules()
    await put()
    clock.advance(90_000)

    expect(await schedules.pause('nightly', false)).toMatchObject({nextAt: start + 60_000})
  })
})

describe('one that cannot be read', () => {
  it('stops no other', async () => {
    const {clock, put, schedules, store, namespace} = await openSchedules()
    await put()
    await store.redis.hset(`{${namespace}:default}:schedules`, 'foreign', 'rubbish')
    await store.redis.zadd(`{${namespace}:default}:ticks`, 1, 'foreign')
    clock.advance(60_000)

    expect(await look(schedules)).toEqual(['added'])
    expect(await schedules.list()).toHaveLength(1)
    expect(await schedules.remove('foreign')).toBe(true)
  })
})
