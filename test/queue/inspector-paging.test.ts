import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {bury, claimOptions, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'
import {idsOf, timesShown, walkPages} from '../support/walk-pages.js'

describe('page shows each task exactly once', () => {
  const many = Array.from({length: 600}, (_, index) => index)

  it.each([1, 3])('among hundreds that are due at the same time, in %i lanes', async (lanes) => {
    const {queue, inspector} = await openTestStore()
    const tasks = many.map((index) => aTask({flowKey: `lane ${index % lanes}`, due: {delayMs: 1000}}))
    await queue.add(tasks)

    const records = await walkPages(inspector, {limit: 37})

    expect(idsOf(records)).toEqual(tasks.map(({id}) => id).toSorted())
  })

  it.each([
    ['dead', bury],
    ['retrying', (claim: Parameters<typeof bury>[0]) => retry(claim, 1000)],
  ] as const)('among hundreds that became %s at the same time', async (state, verdict) => {
    const {queue, inspector} = await openTestStore()
    await queue.add(many.slice(0, 400).map(() => aTask()))
    const {claims} = await queue.claim(claimOptions)
    await queue.settle(claims.map(verdict), keepAll)

    const records = await walkPages(inspector, {states: [state], limit: 33})

    const ids = claims.map(({task}) => task.id).toSorted()
    expect(idsOf(records)).toEqual(state === 'dead' ? ids.toReversed() : ids)
  })

  it('while their leases are extended', async () => {
    const {queue, inspector, clock} = await openTestStore()
    await queue.add(many.slice(0, 200).map(() => aTask()))
    const {claims} = await queue.claim(claimOptions)
    const extend = async () => {
      clock.advance(1000)
      await queue.extend(
        claims.filter((_, index) => index % 2).map(({task, attempt}) => ({id: task.id, attempt})),
        60_000,
      )
    }

    const records = await walkPages(inspector, {states: ['active'], limit: 30}, extend)

    expect(idsOf(records)).toEqual(claims.map(({task}) => task.id).toSorted())
  })

  it('over thousands of lanes', async () => {
    const {queue, inspector} = await openTestStore()
    const tasks = Array.from({length: 3000}, (_, index) =>
      aTask({flowKey: `lane ${index % 2500}`, due: {delayMs: ((index * 7919) % 40) * 100}}),
    )
    await queue.add(tasks)

    const records = await walkPages(inspector, {limit: 700})

    expect(
      timesShown(
        records,
        tasks.map(({id}) => id),
      ),
    ).toEqual(new Set([1]))
    expect(records.map(({dueAt}) => dueAt)).toEqual(records.map(({dueAt}) => dueAt).toSorted((one, other) => one! - other!))
  })

  it('of one lane that is long among many that are short', async () => {
    const {queue, inspector} = await openTestStore()
    const tasks = many.map((index) => aTask({flowKey: index < 400 ? 'long' : `short ${index}`, due: {delayMs: index % 50}}))
    await queue.add(tasks)

    expect(
      timesShown(
        await walkPages(inspector, {limit: 90}),
        tasks.map(({id}) => id),
      ),
    ).toEqual(new Set([1]))
  })

  it.each([1, 2, 3, 100])('over two queues that hold the same ids, %i at a time', async (limit) => {
    const {store, inspector} = await openTestStore()
    const tasks = ['b', 'a', 'c', 'd'].map((id) => aTask({id, due: {delayMs: 5}}))
    for (const name of ['two', 'one']) await store.queue(name).add(tasks.map((task) => ({...task, queue: name})))

    const records = await walkPages(inspector, {limit})

    const shown = records.map(({queue, task}) => `${task.id} ${queue}`)
    expect(shown).toEqual(['a one', 'a two', 'b one', 'b two', 'c one', 'c two', 'd one', 'd two'])
  })

  it.each([1, 3])('over two queues whose tasks of the same ids ended together, %i at a time', async (limit) => {
    const {store, inspector} = await openTestStore()
    for (const name of ['one', 'two']) {
      const queue = store.queue(name)
      await queue.add(['a', 'b'].map((id) => aTask({id, queue: name})))
      await queue.settle((await queue.claim(claimOptions)).claims.map(bury), keepAll)
    }

    const shown = (await walkPages(inspector, {limit})).map(({queue, task}) => `${task.id} ${queue}`)
    expect(shown).toEqual(['b one', 'b two', 'a one', 'a two'])
  })

  it('while others come and go', async () => {
    const {queue, inspector} = await openTestStore()
    const make = (index: number) => aTask({flowKey: `lane ${index % 5}`, due: {delayMs: (index % 20) * 1000}})
    const [staying, going] = [many.slice(0, 200).map(make), many.slice(0, 200).map(make)]
    await queue.add([...staying, ...going])
    const comeAndGo = async () => {
      await queue.purge(
        going.splice(0, 15).map(({id}) => id),
        {states: taskStates},
      )
      await queue.add(many.slice(0, 15).map(make))
    }

    const records = await walkPages(inspector, {limit: 29}, comeAndGo)

    expect(
      timesShown(
        records,
        staying.map(({id}) => id),
      ),
    ).toEqual(new Set([1]))
  })

  it('while scheduled tasks come due', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const tasks = many.slice(0, 100).map((index) => aTask({flowKey: `lane ${index % 3}`, due: {delayMs: index * 100}}))
    await queue.add(tasks)

    const records = await walkPages(inspector, {limit: 7}, () => clock.advance(1500))

    expect(idsOf(records)).toEqual(tasks.map(({id}) => id))
  })
})
