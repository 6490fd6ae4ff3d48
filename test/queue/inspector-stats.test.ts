import {describe, expect, it} from 'vitest'

import {bringTo, bury, claimOptions, complete, hold, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const noTasks = {active: 0, retrying: 0, ready: 0, scheduled: 0, dead: 0, delivered: 0}
const nothing = {...noTasks, addedTotal: 0, deliveredTotal: 0, deadTotal: 0, oldestDueAt: null}

describe('stats', () => {
  it('has the default queue, also when there is nothing', async () => {
    const {inspector} = await openTestStore()

    expect(await inspector.stats()).toEqual({totals: nothing, queues: [{name: 'default', ...nothing}]})
  })

  it('counts by state', async () => {
    const {queue, inspector, clock} = await openTestStore()
    for (const state of ['dead', 'dead', 'delivered', 'active', 'retrying', 'scheduled', 'ready'] as const)
      await bringTo(state, queue)

    const tasks = {active: 1, retrying: 1, ready: 1, scheduled: 1, dead: 2, delivered: 1}
    const totals = {addedTotal: 7, deliveredTotal: 1, deadTotal: 2}
    expect((await inspector.stats()).totals).toEqual({...tasks, ...totals, oldestDueAt: clock.now()})
  })

  it('has a failed task as retrying, not ready, also once it is due', async () => {
    const {queue, inspector, clock} = await openTestStore()
    await queue.settle([retry(await hold(queue), 1000)], keepAll)
    await queue.add([aTask({due: {delayMs: 500}}), aTask({due: {delayMs: 5000}})])
    const counts = async () => {
      const {retrying, ready, scheduled} = (await inspector.stats()).totals
      return {retrying, ready, scheduled}
    }

    const before = await counts()
    clock.advance(1000)

    expect(before).toEqual({retrying: 1, ready: 0, scheduled: 2})
    expect(await counts()).toEqual({retrying: 1, ready: 1, scheduled: 1})
  })

  it('keeps its totals when tasks are purged', async () => {
    const {queue, inspector} = await openTestStore()
    const [done, dead] = [await hold(queue), await hold(queue)]
    await queue.settle([complete(done), bury(dead)], keepAll)
    await queue.purge([done.task.id, dead.task.id], {states: ['dead', 'delivered']})

    expect((await inspector.stats()).totals).toMatchObject({
      dead: 0,
      delivered: 0,
      addedTotal: 2,
      deliveredTotal: 1,
      deadTotal: 1,
    })
  })

  it('sums over queues, and takes the oldest due time of them', async () => {
    const {store, inspector, clock} = await openTestStore()
    await store
      .queue('one')
      .add([aTask({queue: 'one', due: {delayMs: 500}}), aTask({queue: 'one', flowKey: 'b', due: {delayMs: 90}})])
    await store.queue('two').add([aTask({queue: 'two', due: {delayMs: 100}})])

    const {totals, queues} = await inspector.stats()

    expect(totals).toEqual({...nothing, scheduled: 3, addedTotal: 3, oldestDueAt: clock.now() + 90})
    expect(queues.map(({name, scheduled, oldestDueAt}) => [name, scheduled, oldestDueAt])).toEqual([
      ['default', 0, null],
      ['one', 2, clock.now() + 90],
      ['two', 1, clock.now() + 100],
    ])
    expect((await inspector.stats({queue: 'two'})).totals).toMatchObject({scheduled: 1, addedTotal: 1})
  })

  it('has the oldest due time also where its lane is full', async () => {
    const {queue, inspector, clock} = await openTestStore()
    await queue.add([aTask({flowKey: 'full'}), aTask({flowKey: 'full'}), aTask({due: {delayMs: 500}})])
    for (let calls = 0; calls < 2; calls++) await queue.claim({...claimOptions, laneConcurrency: 1})

    expect((await inspector.stats()).totals).toMatchObject({active: 1, ready: 1, oldestDueAt: clock.now()})
  })

  it('counts over more lanes than one step takes', async () => {
    const {queue, inspector, clock} = await openTestStore()
    await queue.add(
      Array.from({length: 1100}, (_, index) => aTask({flowKey: `lane ${index}`, due: {delayMs: index < 300 ? 0 : 1000 + index}})),
    )

    expect((await inspector.stats()).totals).toMatchObject({ready: 300, scheduled: 800, oldestDueAt: clock.now()})
  })
})
