import {describe, expect, it, onTestFinished} from 'vitest'

import {purge} from '../../src/queue/scripts/purge.js'
import {taskStates} from '../../src/task/task.js'
import {bringTo, bury, claimOne, claimOptions, complete, hold, keepAll, leaseMs, lose} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {aTask} from '../support/tasks.js'

describe('purge', () => {
  it.each(taskStates)(
    'deletes a task that is %s, and leaves nothing of it but the number of a running attempt',
    async (state) => {
      const {store, queue, inspector, namespace} = await openTestStore()
      const {id} = await bringTo(state, queue, {dedupKeys: ['i:mine', 'k:key']})

      expect(await queue.purge([id], {states: [state]})).toEqual({changed: [id], skipped: []})

      expect(await inspector.find([id])).toEqual([])
      const left = await store.redis.keys(`{${namespace}:default}:*`)
      expect(left.toSorted()).toEqual(
        ['counters', ...(state === 'active' ? ['runs'] : [])].map((key) => `{${namespace}:default}:${key}`),
      )
    },
  )

  it.each(taskStates)('skips a task that has left the states asked for: %s', async (state) => {
    const {queue, inspector} = await openTestStore()
    const {id} = await bringTo(state, queue)
    const before = await inspector.find([id])

    const result = await queue.purge([id], {states: taskStates.filter((other) => other !== state)})

    expect(result).toEqual({changed: [], skipped: [id]})
    expect(await inspector.find([id])).toEqual(before)
  })

  it('skips what is not there', async () => {
    const {queue} = await openTestStore()

    expect(await queue.purge(['nosuch'], {states: taskStates})).toEqual({changed: [], skipped: ['nosuch']})
  })

  it('of an active task frees its place in the lane', async () => {
    const {queue} = await openTestStore()
    const claim = await hold(queue)
    await queue.add([aTask()])
    const full = await queue.claim({...claimOptions, laneConcurrency: 1})

    await queue.purge([claim.task.id], {states: ['active']})

    expect(full).toMatchObject({claims: [], nextDueMs: null})
    expect((await queue.claim({...claimOptions, laneConcurrency: 1})).claims).toHaveLength(1)
  })

  it('of an active task frees its place once only, though its settle comes later', async () => {
    const {store, queue, namespace} = await openTestStore()
    const [purged, held] = [await hold(queue), await hold(queue)]

    await queue.purge([purged.task.id], {states: ['active']})
    await queue.settle([complete(purged)], keepAll)

    expect(await store.redis.hgetall(`{${namespace}:default}:lane-active`)).toEqual({[held.task.flowKey]: '1'})
  })

  it('of an active task never gives its lease to a task added anew under its id', async () => {
    const {queue, inspector} = await openTestStore()
    const task = aTask()
    await queue.add([task])
    const stale = await claimOne(queue)
    await queue.purge([task.id], {states: ['active']})
    await queue.add([task])
    const anew = await claimOne(queue)

    expect(anew).toMatchObject({attempt: 2, run: {errors: 0, history: []}})
    expect(await queue.settle([complete(stale)], keepAll)).toHaveLength(1)
    expect(await inspector.find([task.id])).toMatchObject([{state: 'active'}])
    expect(await queue.settle([complete(anew)], keepAll)).toEqual([])
  })

  it('of an active task keeps the number of its attempt until that call has ended, whoever takes its lease for lost', async () => {
    const {store, queue, namespace} = await openTestStore()
    const first = await hold(queue)
    const id = first.task.id
    await queue.purge([id], {states: ['active']})
    await queue.reclaim([lose(first)])
    await queue.extend([{id, attempt: 1}], leaseMs)
    await queue.add([aTask({id})])
    const second = await claimOne(queue)
    await queue.purge([id], {states: ['active']})
    const runs: Record<string, string>[] = []

    for (const late of [first, second]) {
      await queue.settle([complete(late)], keepAll)
      runs.push(await store.redis.hgetall(`{${namespace}:default}:runs`))
    }

    expect(runs).toEqual([{[id]: '2,0,0\n[]'}, {}])
  })

  it('of the head of a lane lets the next task come in its time', async () => {
    const {queue, clock} = await openTestStore()
    const [head, next] = [aTask({due: {delayMs: 1000}}), aTask({due: {delayMs: 5000}})]
    await queue.add([head, next])

    await queue.purge([head.id], {states: taskStates})
    const {nextDueMs} = await queue.claim(claimOptions)
    clock.advance(5000)

    expect(nextDueMs).toBe(5000)
    expect((await queue.claim(claimOptions)).claims).toMatchObject([{task: {id: next.id}}])
  })

  it('says that active ones are gone, and that their lanes have room again', async () => {
    const {store, queue} = await openTestStore()
    const told: string[] = []
    const listening = await store.onWake(() => {}, {purged: (name) => void told.push(name)})
    onTestFinished(() => listening.stop())
    const options = {...claimOptions, laneConcurrency: 1}
    const [first, next] = [aTask(), aTask()]
    await queue.add([first, next])
    await queue.claim(options)
    const full = await queue.claim(options)

    await queue.purge([first.id], {states: taskStates})

    await expect.poll(() => told, patiently).toEqual(['default'])
    expect(full.claims).toEqual([])
    expect((await queue.claim(options)).claims).toMatchObject([{task: {id: next.id}}])
  })

  it('says nothing where none was active', async () => {
    const {store, queue} = await openTestStore()
    const task = await bringTo('scheduled', queue)
    const told: string[] = []
    const listening = await store.onWake(() => void told.push('added'), {purged: () => void told.push('purged')})
    onTestFinished(() => listening.stop())

    await queue.purge([task.id], {states: taskStates})
    await queue.add([aTask()])

    await expect.poll(() => told, patiently).toEqual(['added'])
  })

  it('says of old dead tasks whether there are more than a batch', async () => {
    const {queue, clock, inspector} = await openTestStore()
    await queue.add(Array.from({length: 501}, () => aTask()))
    for (let claims = 0; claims < 2; claims++) {
      await queue.settle((await queue.claim(claimOptions)).claims.map(bury), keepAll)
    }
    clock.advance(1000)

    expect([await queue.pruneDead(999), await queue.pruneDead(999)]).toEqual([true, false])
    expect((await inspector.stats()).totals.dead).toBe(0)
  })

  it('lets the id be used anew, from attempt 1', async () => {
    const {queue} = await openTestStore()
    const task = await bringTo('dead', queue)
    await queue.purge([task.id], {states: taskStates})

    expect(await queue.add([task])).toMatchObject([{duplicate: false}])
    expect((await queue.claim(claimOptions)).claims).toMatchObject([{attempt: 1, run: {errors: 0, history: []}}])
  })

  it('leaves alone what has moved to another lane, and runs there, since it was read', async () => {
    const {store, queue, inspector} = await openTestStore()
    const {id} = await bringTo('dead', queue, {flowKey: 'old'})
    const [read] = await inspector.find([id])
    await queue.revive([id], {states: ['dead'], mend: (task) => ({...task, flowKey: 'new'})})
    const moved = await claimOne(queue)

    expect(await purge(store.context('default'), [read!.task], ['active'])).toEqual([])

    await queue.add([aTask({flowKey: 'new'})])
    await queue.settle([complete(moved)], keepAll)
    expect((await queue.claim({...claimOptions, laneConcurrency: 1})).claims).toHaveLength(1)
  })

  it('deletes a dead task whose stored form is damaged', async () => {
    const {store, queue, namespace} = await openTestStore()
    const {id} = await bringTo('dead', queue)
    await store.redis.hset(`{${namespace}:default}:tasks`, id, 'garbage')

    expect(await queue.purge([id], {states: ['dead']})).toEqual({changed: [id], skipped: []})
    expect(await store.redis.keys(`{${namespace}:default}:*`)).toEqual([`{${namespace}:default}:counters`])
  })

  it('frees the dedup keys of a task of which only the first line is intact', async () => {
    const {store, queue, namespace} = await openTestStore()
    const {id} = await bringTo('dead', queue, {dedupKeys: ['k:a']})
    await store.redis.hset(`{${namespace}:default}:tasks`, id, 'hX\tk:a\n')

    await queue.purge([id], {states: ['dead']})

    expect(await store.redis.exists(`{${namespace}:default}:dedup:k:a`)).toBe(0)
  })

  it('takes any number, in batches, and tells which it changed', async () => {
    const {store, queue, namespace} = await openTestStore()
    const tasks = Array.from({length: 1201}, (_, index) => aTask({flowKey: `lane ${index % 400}`}))
    await queue.add(tasks)
    const ids = tasks.map(({id}) => id)

    const result = await queue.purge([...ids, 'nosuch', ...ids], {states: ['ready']})

    expect(result.changed).toEqual(ids)
    expect(result.skipped).toEqual(['nosuch'])
    expect(await store.redis.keys(`{${namespace}:default}:*`)).toEqual([`{${namespace}:default}:counters`])
  })
})
