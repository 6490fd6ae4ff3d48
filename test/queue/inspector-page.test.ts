import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {bringTo, hold, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'
import {idsOf, walkPages} from '../support/walk-pages.js'

describe('page', () => {
  it('goes state by state', async () => {
    const {queue, inspector} = await openTestStore()
    for (const state of ['delivered', 'dead', 'retrying', 'active', 'ready', 'scheduled'] as const) {
      await bringTo(state, queue, {flowKey: state})
    }

    for (const limit of [1, 2, 4, 6, 10]) {
      expect((await walkPages(inspector, {limit})).map(({state}) => state)).toEqual(taskStates)
    }
  })

  it.each(taskStates)('shows only what is asked for: %s', async (state) => {
    const {queue, inspector} = await openTestStore()
    for (const each of ['delivered', 'dead', 'retrying', 'active', 'ready', 'scheduled'] as const) await bringTo(each, queue)

    expect((await walkPages(inspector, {states: [state], limit: 10})).map((record) => record.state)).toEqual([state])
  })

  it('shows waiting tasks by due time, over all lanes', async () => {
    const {queue, inspector} = await openTestStore()
    const delays = [50, 10, 40, 0, 30, 20]
    const tasks = delays.map((delayMs, index) => aTask({due: {delayMs}, flowKey: `lane ${index % 3}`}))
    await queue.add(tasks)

    const records = await walkPages(inspector, {limit: 4})

    expect(idsOf(records)).toEqual([3, 1, 5, 4, 2, 0].map((index) => tasks[index]?.id))
  })

  it('shows ended tasks newest first', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const ids: string[] = []
    for (let made = 0; made < 5; made++) {
      clock.advance(1000)
      ids.push((await bringTo('dead', queue)).id)
    }

    expect(idsOf(await walkPages(inspector, {limit: 2}))).toEqual(ids.toReversed())
  })

  it('is empty, and the last, where there is nothing', async () => {
    const {inspector} = await openTestStore()

    expect(await inspector.page({limit: 10})).toEqual({records: [], cursor: null, scanned: 0})
    expect(await inspector.page({queue: 'nosuch', limit: 10})).toEqual({records: [], cursor: null, scanned: 0})
  })

  it.each([0, -1, NaN])('refuses a page of %d tasks, which would have no end', async (limit) => {
    const {queue, inspector} = await openTestStore()
    await queue.add([aTask()])

    await expect(inspector.page({limit})).rejects.toMatchObject({code: 'invalid_limit'})
  })

  it.each([
    'garbage',
    '',
    '💥',
    Buffer.from('null').toString('base64url'),
    Buffer.from('[]').toString('base64url'),
    Buffer.from('["ready",1,"id"]').toString('base64url'),
    Buffer.from('["ready","1","id","default"]').toString('base64url'),
    Buffer.from('["waitin",1,"id","default"]').toString('base64url'),
    Buffer.from('["ready",1e999,"id","default"]').toString('base64url'),
    Buffer.from('["ready",1,"id","default",1]').toString('base64url'),
    'A'.repeat(100_000),
  ])('refuses a cursor it never gave out: %.40s', async (cursor) => {
    const {inspector} = await openTestStore()

    await expect(inspector.page({limit: 10, cursor})).rejects.toMatchObject({code: 'invalid_cursor', field: 'cursor'})
  })

  it('refuses a cursor of a list of other states', async () => {
    const {queue, inspector} = await openTestStore()
    await queue.add([aTask(), aTask()])
    const {cursor} = await inspector.page({states: ['ready'], limit: 1})

    await expect(inspector.page({states: ['dead'], limit: 1, cursor: cursor!})).rejects.toMatchObject({code: 'invalid_cursor'})
  })
})

describe('page leaves out', () => {
  it('a task that came due, where only scheduled ones are asked for', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const tasks = [1000, 2000, 3000].map((delayMs) => aTask({due: {delayMs}}))
    await queue.add(tasks)

    const records = await walkPages(inspector, {states: ['scheduled'], limit: 1}, () => clock.advance(2000))

    expect(records.map(({task, state}) => [task.id, state])).toEqual([
      [tasks[0]?.id, 'scheduled'],
      [tasks[2]?.id, 'scheduled'],
    ])
  })

  it('retrying tasks from those that are ready, however many', async () => {
    const {queue, inspector} = await openTestStore()
    for (let made = 0; made < 20; made++) await queue.settle([retry(await hold(queue), made < 19 ? 100 : 0)], keepAll)
    const {id} = await bringTo('ready', queue, {due: {at: 1}})

    expect(idsOf(await walkPages(inspector, {states: ['ready'], limit: 1}))).toEqual([id])
    expect(await walkPages(inspector, {states: ['retrying'], limit: 3})).toHaveLength(20)
  })
})
