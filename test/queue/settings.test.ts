import {describe, expect, it} from 'vitest'

import type {Claim, Queue} from '../../src/queue/queue.js'
import {claimOptions, hold, keepAll, release} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {settings} from '../support/settings.js'
import {aTask} from '../support/tasks.js'

const many = (count: number, flowKey = 'lane') => Array.from({length: count}, () => aTask({flowKey}))

/** As many as a claim gets of what is due, with no limit of the claim itself. */
async function claimed(queue: Queue): Promise<number> {
  return (await queue.claim(claimOptions)).claims.length
}

describe('a paused queue', () => {
  it('has nothing claimed, takes tasks, and goes on when it is resumed', async () => {
    const {queue} = await openTestStore()
    await queue.add(many(2))

    await queue.pause({reason: 'maintenance'})
    await queue.add(many(1))
    expect(await queue.claim(claimOptions)).toMatchObject({claims: [], isPaused: true, nextDueMs: null, heldMs: 0})
    await queue.resume()

    expect(await queue.claim(claimOptions)).toMatchObject({claims: {length: 3}, isPaused: false})
  })

  it('goes on by itself when its time is over', async () => {
    const {queue, clock} = await openTestStore()
    await queue.add(many(1))

    const {pause} = await queue.pause({forMs: 5000})
    expect(pause).toEqual({at: clock.now(), until: clock.now() + 5000, reason: null})
    expect(await queue.claim(claimOptions)).toMatchObject({claims: [], nextDueMs: 5000})
    clock.advance(5000)

    expect(await claimed(queue)).toBe(1)
  })

  it('has its running tasks settled, and lost ones taken back', async () => {
    const {queue, clock} = await openTestStore()
    const claims: Claim[] = [await hold(queue), await hold(queue)]

    await queue.pause()
    await queue.settle([release(claims[0]!)], keepAll)
    clock.advance(60_000)
    const {lost} = await queue.claim(claimOptions)

    expect(lost.map(({task}) => task.id)).toEqual([claims[1]!.task.id])
  })
})

describe('settings', () => {
  it('are changed one by one, and taken away', async () => {
    const {queue} = await openTestStore()

    await queue.configure(settings({rate: 5, concurrency: 2, timeout: 1}))
    const {settings: now, pause} = await queue.configure(settings({concurrency: null, maxErrors: 3}))

    expect([now, pause]).toEqual([{rate: 5, policy: {timeoutMs: 1000, maxErrors: 3}}, undefined])
  })

  it('make a queue known', async () => {
    const {store} = await openTestStore()

    await store.queue('new').configure(settings({rate: 5}))

    expect(await store.queueNames()).toEqual(['default', 'new'])
  })

  it('are told to all processes at once, apart from what is new to do', async () => {
    const {store, queue} = await openTestStore()
    const told: string[] = []
    const wakes = await store.onWake((name) => void told.push(name), {settings: (name) => void told.push(`settings of ${name}`)})

    await queue.add(many(1))
    await queue.pause()
    await queue.resume()

    await expect.poll(() => told).toEqual(['default', 'settings of default', 'settings of default'])
    wakes.stop()
  })

  it('of somebody else`s making are passed over', async () => {
    const {store, queue, namespace} = await openTestStore()
    await store.redis.hset(`{${namespace}:default}:settings`, {rate: 'fast', colour: '3', concurrency: '2'})
    await queue.add(many(5))

    expect(await queue.claim(claimOptions)).toMatchObject({claims: {length: 2}, settings: {concurrency: 2}})
  })
})
