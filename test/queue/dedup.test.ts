import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {bringTo, bury, claimOne, complete, hold, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const day = 24 * 3600 * 1000
const key = (name: string) => ({dedupKeys: [`k:${name}`], fingerprint: 'same'})

async function openDedupStore() {
  const opened = await openTestStore()
  const {store, namespace} = opened
  const entry = (name: string) => `{${namespace}:default}:dedup:k:${name}`
  const keptMs = (name: string) => store.redis.pttl(entry(name))
  return {...opened, entry, keptMs}
}

describe('a dedup key', () => {
  it.each(taskStates)('answers the same request with the id and state of its task: %s', async (state) => {
    const {queue, inspector} = await openDedupStore()
    const first = await bringTo(state, queue, key('a'))
    const [record] = await inspector.find([first.id])

    const [answer] = await queue.add([aTask(key('a'))])

    expect(answer).toEqual({id: first.id, queue: 'default', state, dueAt: record?.dueAt, duplicate: true})
    expect((await inspector.stats()).totals.addedTotal).toBe(1)
  })

  it.each(taskStates)('refuses another request while its task is %s', async (state) => {
    const {queue, inspector} = await openDedupStore()
    const first = await bringTo(state, queue, key('a'))

    const [answer] = await queue.add([aTask({...key('a'), fingerprint: 'other'})])

    expect(answer).toMatchObject({code: 'idempotency_conflict', id: first.id})
    expect((await inspector.stats()).totals.addedTotal).toBe(1)
  })

  it('holds without end until its task has ended', async () => {
    const {queue, keptMs} = await openDedupStore()
    const claim = await hold(queue, key('a'))
    const whileActive = await keptMs('a')
    await queue.settle([retry(claim, 1000)], keepAll)

    expect([whileActive, await keptMs('a')]).toEqual([-1, -1])
  })

  it.each([
    ['delivered', complete],
    ['dead', bury],
  ] as const)('holds for 24 h after its task is %s', async (_state, verdict) => {
    const {queue, keptMs} = await openDedupStore()

    await queue.settle([verdict(await hold(queue, key('a')))], keepAll)

    expect(await keptMs('a')).toBeGreaterThan(day - 60_000)
    expect(await keptMs('a')).toBeLessThanOrEqual(day)
  })

  it('holds when its task is no longer kept', async () => {
    const {queue, inspector} = await openDedupStore()
    const claim = await hold(queue, key('a'))
    await queue.settle([complete(claim)], {keepDelivered: 0})

    const answers = await queue.add([aTask(key('a')), aTask({...key('a'), fingerprint: 'other'})])

    expect(await inspector.find([claim.task.id])).toEqual([])
    expect(answers).toMatchObject([
      {id: claim.task.id, state: 'delivered', dueAt: null, duplicate: true},
      {code: 'idempotency_conflict', id: claim.task.id},
    ])
  })

  it('is free again once its time is over', async () => {
    const {store, queue, entry} = await openDedupStore()
    await queue.settle([complete(await hold(queue, key('a')))], keepAll)
    await store.redis.pexpire(entry('a'), 0)

    expect(await queue.add([aTask({...key('a'), fingerprint: 'other'})])).toMatchObject([{duplicate: false}])
  })

  it.each(taskStates)('is free again once its task is purged: %s', async (state) => {
    const {queue} = await openDedupStore()
    const first = await bringTo(state, queue, key('a'))
    await queue.purge([first.id], {states: taskStates})
    const second = aTask({...key('a'), fingerprint: 'other'})

    expect(await queue.add([second])).toMatchObject([{id: second.id, duplicate: false}])
  })

  it('holds without end again once its task is revived', async () => {
    const {queue, keptMs} = await openDedupStore()
    const {id} = await bringTo('dead', queue, key('a'))

    await queue.revive([id], {states: ['dead']})

    expect(await keptMs('a')).toBe(-1)
    expect(await queue.add([aTask(key('a'))])).toMatchObject([{id, state: 'ready', duplicate: true}])
  })

  it('that has passed to another task is not changed by its first one', async () => {
    const {store, queue, entry} = await openDedupStore()
    const first = await bringTo('dead', queue, key('a'))
    await store.redis.del(entry('a'))
    const second = await bringTo('ready', queue, key('a'))

    await queue.revive([first.id], {states: ['dead']})
    await queue.purge([first.id], {states: taskStates})

    expect(await queue.add([aTask(key('a'))])).toMatchObject([{id: second.id, duplicate: true}])
  })

  it('whose task was lost with its data holds nothing', async () => {
    const {store, queue, namespace} = await openDedupStore()
    const lost = await bringTo('ready', queue, key('a'))
    await store.redis.del(`{${namespace}:default}:tasks`, `{${namespace}:default}:lane:${lost.flowKey}`)
    const task = aTask(key('a'))

    expect(await queue.add([task])).toMatchObject([{id: task.id, duplicate: false}])
  })

  it('is of one queue', async () => {
    const {store} = await openDedupStore()
    await store.queue('one').add([aTask({...key('a'), queue: 'one'})])

    expect(await store.queue('two').add([aTask({...key('a'), queue: 'two'})])).toMatchObject([{duplicate: false}])
  })

  it('lets one of 1,000 parallel adds in', async () => {
    const {queue, inspector} = await openDedupStore()

    const answers = await Promise.all(Array.from({length: 1000}, () => queue.add([aTask(key('a'))])))

    const added = answers.flat()
    expect(added.filter((answer) => 'duplicate' in answer && !answer.duplicate)).toHaveLength(1)
    expect(new Set(added.map(({id}) => id)).size).toBe(1)
    expect((await inspector.stats()).totals).toMatchObject({ready: 1, addedTotal: 1})
  })

  it('lets one of a batch in', async () => {
    const {queue} = await openDedupStore()

    const answers = await queue.add(Array.from({length: 500}, () => aTask(key('a'))))

    expect(new Set(answers.map(({id}) => id)).size).toBe(1)
  })
})

describe('two dedup keys', () => {
  const both = {dedupKeys: ['k:a', 'k:b'], fingerprint: 'same'}

  it('find their task each', async () => {
    const {queue} = await openDedupStore()
    const first = await bringTo('ready', queue, both)

    const answers = await queue.add([aTask(key('a')), aTask(key('b')), aTask({...both, dedupKeys: ['k:b', 'k:new']})])

    expect(answers).toMatchObject(Array(3).fill({id: first.id, duplicate: true}))
  })

  it('are both kept for 24 h, and both freed', async () => {
    const {store, queue, keptMs, entry} = await openDedupStore()
    const {id} = await bringTo('ready', queue, both)
    await queue.settle([complete(await claimOne(queue))], keepAll)
    const kept = [await keptMs('a'), await keptMs('b')]

    await queue.purge([id], {states: taskStates})

    expect(kept.every((ms) => ms > 0)).toBe(true)
    expect(await store.redis.exists(entry('a'), entry('b'))).toBe(0)
  })

  it('are a conflict where either stands for another request', async () => {
    const {queue} = await openDedupStore()
    await bringTo('ready', queue, key('a'))
    const other = await bringTo('ready', queue, {...key('b'), fingerprint: 'other'})

    expect(await queue.add([aTask(both)])).toMatchObject([{code: 'idempotency_conflict', id: other.id}])
  })
})
