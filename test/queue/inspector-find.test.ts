import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {bringTo, hold, leaseMs} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

describe('find', () => {
  it.each(taskStates)('tells where a task is, and since or until when: %s', async (state) => {
    const {queue, inspector, clock} = await openTestStore()
    const {id} = await bringTo(state, queue)

    const [record] = await inspector.find([id])

    const now = clock.now()
    const later = state === 'scheduled' || state === 'retrying' ? 60_000 : 0
    expect(record).toMatchObject({
      queue: 'default',
      state,
      task: {id, createdAt: now},
      dueAt: ['scheduled', 'ready', 'retrying'].includes(state) ? now + later : null,
      leaseEndsAt: state === 'active' ? now + leaseMs : null,
      endedAt: state === 'dead' || state === 'delivered' ? now : null,
    })
  })

  it('has a task ready from the very millisecond it is due', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const {id} = await bringTo('scheduled', queue)
    const states: (string | undefined)[] = []
    for (const ms of [59_999, 1]) {
      clock.advance(ms)
      states.push((await inspector.find([id]))[0]?.state)
    }

    expect(states).toEqual(['scheduled', 'ready'])
  })

  it('has a task active until somebody takes it back, also after its lease', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const {task} = await hold(queue)
    clock.advance(10 * leaseMs)

    expect(await inspector.find([task.id])).toMatchObject([{state: 'active'}])
  })

  it('answers in the order asked, and leaves out what is not there', async () => {
    const {queue, inspector} = await openTestStore()
    const tasks = Array.from({length: 1001}, (_, index) => aTask({flowKey: `lane ${index % 600}`}))
    await queue.add(tasks)
    const ids = tasks.map(({id}) => id).toReversed()

    const records = await inspector.find(['nosuch', ...ids, 'norsuch'])

    expect(records.map(({task}) => task.id)).toEqual(ids)
  })

  it('looks in all queues, or in one', async () => {
    const {store, inspector} = await openTestStore()
    for (const name of ['one', 'two']) await store.queue(name).add([aTask({id: 'same', queue: name})])

    expect((await inspector.find(['same'])).map(({queue}) => queue)).toEqual(['one', 'two'])
    expect((await inspector.find(['same'], {queue: 'two'})).map(({queue}) => queue)).toEqual(['two'])
    expect(await inspector.find(['same'], {queue: 'default'})).toEqual([])
  })

  it('shows the raw text of a dead task whose stored form is damaged', async () => {
    const {store, queue, inspector, namespace} = await openTestStore()
    const {id} = await bringTo('dead', queue)
    await store.redis.hset(`{${namespace}:default}:tasks`, id, 'garbage')

    expect(await inspector.find([id])).toMatchObject([
      {state: 'dead', task: {id, url: '', payload: {kind: 'body', text: 'garbage'}}},
    ])
  })
})
