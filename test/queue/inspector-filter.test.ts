import {describe, expect, it} from 'vitest'

import {parseFilter} from '../../src/task/parse-filter.js'
import {bringTo} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'
import {idsOf, timesShown, walkPages} from '../support/walk-pages.js'

const many = Array.from({length: 1300}, (_, index) => index)
const withNumber = (index: number) => ({kind: 'params' as const, text: `{"even":${index % 2 === 0},"n":${index}}`})

describe('page with a filter', () => {
  it('shows each task that stays and matches exactly once, over lanes, while others come and go', async () => {
    const {queue, inspector} = await openTestStore()
    const make = (index: number) =>
      aTask({flowKey: `lane ${index % 7}`, due: {delayMs: (index % 20) * 1000}, payload: withNumber(index)})
    const [staying, going] = [many.map(make), many.slice(0, 300).map(make)]
    await queue.add([...staying, ...going])
    const comeAndGo = async () => {
      await queue.purge(
        going.splice(0, 25).map(({id}) => id),
        {states: ['ready', 'scheduled']},
      )
      await queue.add(many.slice(0, 15).map(make))
    }
    const filter = parseFilter({state: ['ready,scheduled'], param: ['even=true']})

    const shown = await walkPages(inspector, {limit: 29, filter}, comeAndGo)

    const meant = staying.filter((_task, index) => index % 2 === 0).map(({id}) => id)
    const others = staying.filter((_task, index) => index % 2 === 1).map(({id}) => id)
    expect(timesShown(shown, meant)).toEqual(new Set([1]))
    expect(timesShown(shown, others)).toEqual(new Set([0]))
  })

  it('goes over no more tasks than it may, and its cursor goes on', async () => {
    const {queue, inspector} = await openTestStore()
    await queue.add(many.map((index) => aTask({payload: withNumber(index)})))
    const filter = parseFilter({param: ['n=1299']})

    const first = await inspector.page({filter, limit: 10, mostScanned: 500})
    const shown = await walkPages(inspector, {filter, limit: 10, mostScanned: 500})

    expect(first).toMatchObject({records: [], scanned: 500, cursor: expect.any(String)})
    expect(shown).toHaveLength(1)
  })

  it('reads of ended tasks only those of the age', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const ids: string[] = []
    for (let made = 0; made < 6; made++) {
      ids.unshift((await bringTo('dead', queue)).id)
      clock.advance(60_000)
    }
    const page = (fields: object) => inspector.page({filter: parseFilter({state: ['dead'], ...fields}), limit: 10})

    const [older, newer, between] = [
      await page({olderThan: ['4m']}),
      await page({newerThan: ['3m']}),
      await page({olderThan: ['2m'], newerThan: ['5m']}),
    ]

    expect([idsOf(older.records), older.scanned]).toEqual([ids.slice(3), 3])
    expect([idsOf(newer.records), newer.scanned]).toEqual([ids.slice(0, 2), 2])
    expect([idsOf(between.records), between.scanned]).toEqual([ids.slice(1, 4), 3])
  })

  it('looks into one lane only where one is named', async () => {
    const {queue, inspector} = await openTestStore()
    const tasks = many.slice(0, 60).map((index) => aTask({flowKey: `lane ${index % 3}`}))
    await queue.add(tasks)

    const {records, scanned} = await inspector.page({filter: parseFilter({flowKey: ['lane 1']}), limit: 100})

    expect(records).toHaveLength(20)
    expect(scanned).toBe(20)
  })

  it('ends early among large tasks, whether they are meant or not', async () => {
    const {queue, inspector} = await openTestStore()
    const text = 'x'.repeat(900 * 1024)
    const tasks = many.slice(0, 24).map((index) =>
      aTask({
        url: `http://${index % 2 === 0 ? 'a' : 'b'}.example/`,
        payload: {kind: 'body', text, contentType: 'text/plain'},
      }),
    )
    await queue.add(tasks)
    const filter = parseFilter({host: ['a.example']})

    const first = await inspector.page({filter, limit: 100})
    const shown = await walkPages(inspector, {filter, limit: 100})

    expect(first.records).toHaveLength(9)
    expect(idsOf(shown)).toEqual(
      tasks
        .filter((_task, index) => index % 2 === 0)
        .map(({id}) => id)
        .toSorted(),
    )
  })
})

describe('select', () => {
  it('tells state and age of what is meant, in steps', async () => {
    const {queue, inspector, clock} = await openTestStore()
    await queue.add(many.map(() => aTask({due: {delayMs: 60_000}})))
    const dead = await bringTo('dead', queue)
    clock.advance(5000)

    const steps = []
    for await (const step of inspector.select({filter: parseFilter({state: ['scheduled', 'dead']}), ages: true})) steps.push(step)

    const places = steps.flatMap((step) => step.places)
    expect(steps.map(({scanned}) => scanned)).toEqual([1000, 300, 1])
    expect(new Set(places.map(({state, ageFrom}) => `${state} ${clock.now() - ageFrom!}`))).toEqual(
      new Set(['scheduled 5000', 'dead 5000']),
    )
    expect(places.at(-1)?.member).toBe(dead.id)
  })
})
