import {describe, expect, it} from 'vitest'

import {mendTask, parseChanges} from '../../src/task/mend.js'
import type {Task} from '../../src/task/task.js'
import {bringTo, bury, claimOne, claimOptions, keepAll} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {readQueue} from '../support/stored-queue.js'
import {aTask} from '../support/tasks.js'

const states = ['dead', 'retrying', 'scheduled'] as const
const [oldLane, newLane] = ['http://127.0.0.1:9', 'http://new.example']
const changes = parseChanges({url: 'http://new.example/hooks', headers: [['x-mended', 'yes']], timeout: '5s'})
const mend = (task: Task) => mendTask(task, changes)

async function open() {
  const all = await openTestStore()
  const stored = (dedupKeys: readonly string[] = []) =>
    readQueue(all.store.redis, all.namespace, {lanes: [oldLane, newLane], dedupKeys})
  return {...all, stored}
}

describe('revive with mend', () => {
  it.each(['dead', 'retrying', 'scheduled'] as const)('moves a %s task to the lane of its new target, due now', async (state) => {
    const {queue, clock, stored} = await open()
    const {id} = await bringTo(state, queue)

    const result = await queue.revive([id], {states, mend})

    expect(result).toEqual({changed: [id], skipped: []})
    const after = await stored()
    expect(after.waiting).toEqual({[newLane]: {[id]: clock.now()}})
    expect(after.lanes).toEqual({[newLane]: clock.now()})
    expect([after.dead, after.retrying]).toEqual([{}, {}])
    const {task} = await claimOne(queue)
    expect(task).toMatchObject({id, url: 'http://new.example/hooks', headers: {'x-mended': 'yes'}, timeoutMs: 5000})
  })

  it('keeps when it was added, its params, its attempts and its dedup entries', async () => {
    const {queue, inspector, clock, stored} = await open()
    const key = {dedupKeys: ['i:one', 'k:key'], id: 'one'}
    const task = await bringTo('dead', queue, key)
    const before = (await inspector.find([task.id]))[0]!
    clock.advance(5000)

    await queue.revive([task.id], {states, mend})

    const [record] = await inspector.find([task.id])
    expect(record?.task).toMatchObject({createdAt: before.task.createdAt, payload: task.payload, dedupKeys: key.dedupKeys})
    expect(record?.run).toEqual({...before.run, errors: 0})
    expect((await stored(key.dedupKeys)).dedup['i:one']).toEqual({entry: 'one\tfingerprint', expires: false})
    expect((await queue.add([aTask(key)]))[0]).toMatchObject({id: 'one', duplicate: true})
  })

  it('leaves alone a task that was replaced by another of its id since it was read', async () => {
    const {queue, store, inspector} = await open()
    const {id} = await bringTo('dead', queue, {id: 'one'})
    const send = store.redis.sendCommand.bind(store.redis)
    let calls = 0
    // Between the two calls of a revive: reading and writing.
    store.redis.sendCommand = (...args: Parameters<typeof send>) => {
      calls++
      return calls === 2 ? meanwhile().then(() => send(...args)) : send(...args)
    }
    const meanwhile = async () => {
      store.redis.sendCommand = send
      await queue.purge([id], {states: ['dead']})
      await bringTo('dead', queue, {id: 'one', payload: {kind: 'json', text: '"other"'}})
    }

    expect(await queue.revive([id], {states, mend})).toEqual({changed: [], skipped: [id]})
    expect((await inspector.find([id]))[0]).toMatchObject({state: 'dead', task: {payload: {text: '"other"'}}})
  })

  it('names those that it cannot mend, and revives the others', async () => {
    const {queue, inspector} = await open()
    const headers = Object.fromEntries(Array.from({length: 64}, (_, index) => [`x-${index}`, '1']))
    const [full, other] = [await bringTo('dead', queue, {headers}), await bringTo('dead', queue)]

    expect(await queue.revive([full.id, other.id], {states, mend})).toEqual({changed: [other.id], skipped: [], failed: [full.id]})
    expect((await inspector.find([full.id]))[0]?.state).toBe('dead')
  })

  it('leaves a lane with other tasks as it was', async () => {
    const {queue, stored} = await open()
    const stays = await bringTo('scheduled', queue)
    const {id} = await bringTo('scheduled', queue, {due: {delayMs: 30_000}})

    await queue.revive([id], {states, mend})

    const {waiting, lanes} = await stored()
    expect(Object.keys(waiting[oldLane]!)).toEqual([stays.id])
    expect(lanes[oldLane]).toBe(waiting[oldLane]![stays.id])
  })

  it('sees a task die again in its new lane', async () => {
    const {queue, stored} = await open()
    const {id} = await bringTo('dead', queue)
    await queue.revive([id], {states, mend})

    await queue.settle([bury(await claimOne(queue))], keepAll)

    const after = await stored()
    expect(Object.keys(after.dead)).toEqual([id])
    expect([after.laneActive, after.lanes, after.waiting]).toEqual([{}, {}, {}])
    expect((await queue.claim(claimOptions)).claims).toEqual([])
  })
})

describe('revive', () => {
  it('leaves alone a task that has moved to another lane since it was read', async () => {
    const {queue, store, stored} = await open()
    const {id} = await bringTo('dead', queue)
    const send = store.redis.sendCommand.bind(store.redis)
    let calls = 0
    store.redis.sendCommand = (...args: Parameters<typeof send>) => {
      calls++
      return calls === 2 ? meanwhile().then(() => send(...args)) : send(...args)
    }
    const meanwhile = async () => {
      store.redis.sendCommand = send
      await queue.revive([id], {states, mend})
      await queue.settle([bury(await claimOne(queue))], keepAll)
    }

    expect(await queue.revive([id], {states})).toEqual({changed: [], skipped: [id]})
    expect((await stored()).waiting).toEqual({})
  })
})
