import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {bringTo, claimOne, claimOptions, ended, hold, keepAll, leaseMs, lose, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const states = taskStates

describe('revive', () => {
  it.each(['dead', 'retrying', 'scheduled'] as const)('makes a %s task due now', async (state) => {
    const {queue, inspector, clock} = await openTestStore()
    const {id} = await bringTo(state, queue)
    clock.advance(1000)

    expect(await queue.revive([id], {states})).toEqual({changed: [id], skipped: []})

    expect(await inspector.find([id])).toMatchObject([{state: 'ready', dueAt: clock.now(), endedAt: null}])
    expect(await claimOne(queue)).toMatchObject({task: {id}})
  })

  it.each(['active', 'ready', 'delivered'] as const)('skips a task that is %s', async (state) => {
    const {queue, inspector} = await openTestStore()
    const {id} = await bringTo(state, queue)
    const before = await inspector.find([id])

    expect(await queue.revive([id], {states})).toEqual({changed: [], skipped: [id]})
    expect(await inspector.find([id])).toEqual(before)
  })

  it('skips a task that has left the states asked for, and one that is not there', async () => {
    const {queue} = await openTestStore()
    const {id} = await bringTo('retrying', queue)

    expect(await queue.revive([id, 'nosuch'], {states: ['dead']})).toEqual({changed: [], skipped: [id, 'nosuch']})
  })

  it('skips a task that cannot be read: there is nothing to call', async () => {
    const {store, queue, inspector, namespace} = await openTestStore()
    const {id} = await bringTo('dead', queue)
    await store.redis.hset(`{${namespace}:default}:tasks`, id, 'garbage')

    expect(await queue.revive([id], {states})).toEqual({changed: [], skipped: [id]})
    expect(await inspector.find([id])).toMatchObject([{state: 'dead'}])
  })

  it('gives a new set of attempts: errors and lost leases from 0, the attempt number and the history go on', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const first = await hold(queue)
    clock.advance(leaseMs)
    await queue.reclaim([lose(first)])
    const second = await claimOne(queue)
    const failure = {
      startedAt: 1,
      durationMs: 2,
      status: 500,
      error: 'http_status',
      message: '3,3,3\n',
      response: '1,2,3',
    } as const
    const history = [{...failure, attempt: 2}]
    await queue.settle([{...second, verdict: {op: 'bury', run: ended(second, {errors: 7, history})}}], keepAll)

    await queue.revive([first.task.id], {states})

    expect((await inspector.find([first.task.id]))[0]?.run).toEqual({attempts: 2, errors: 0, lostLeases: 0, history})
    expect(await claimOne(queue)).toMatchObject({attempt: 3})
  })

  it('changes a task once, however often it is named', async () => {
    const {queue} = await openTestStore()
    const {id} = await bringTo('dead', queue)

    expect(await queue.revive([id, id], {states})).toEqual({changed: [id], skipped: []})
    expect(await queue.revive([id], {states})).toEqual({changed: [], skipped: [id]})
    expect((await queue.claim(claimOptions)).claims).toHaveLength(1)
  })

  it('fences the attempt that is over', async () => {
    const {queue} = await openTestStore()
    const claim = await hold(queue)
    await queue.settle([retry(claim, 60_000)], keepAll)
    await queue.revive([claim.task.id], {states})
    await claimOne(queue)

    expect(await queue.settle([retry(claim, 1)], keepAll)).toHaveLength(1)
  })

  it('takes any number, in batches', async () => {
    const {queue, inspector} = await openTestStore()
    const tasks = Array.from({length: 1001}, (_, index) => aTask({due: {delayMs: 60_000}, flowKey: `lane ${index % 30}`}))
    await queue.add(tasks)

    const {changed} = await queue.revive(
      tasks.map(({id}) => id),
      {states},
    )

    expect(changed).toEqual(tasks.map(({id}) => id))
    expect((await inspector.stats()).totals).toMatchObject({ready: 1001, scheduled: 0})
  })

  it('wakes dispatchers, where it changed something', async () => {
    const {store, queue} = await openTestStore()
    const {id} = await bringTo('dead', queue)
    const woken: string[] = []
    const subscription = await store.onWake((name) => woken.push(name))

    await queue.revive([id], {states})
    await queue.revive([id], {states})
    await store.queue('last').add([aTask({queue: 'last'})])

    await expect.poll(() => woken).toEqual(['default', 'last'])
    subscription.stop()
  })
})
