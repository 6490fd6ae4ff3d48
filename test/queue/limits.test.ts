import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import type {Queue} from '../../src/queue/queue.js'
import {claimOptions, complete, keepAll} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {settings} from '../support/settings.js'
import {aTask} from '../support/tasks.js'

const many = (count: number, flowKey = 'lane') => Array.from({length: count}, () => aTask({flowKey}))

/** As many as a claim gets of what is due, with no limit of the claim itself. */
async function claimed(queue: Queue): Promise<number> {
  return (await queue.claim(claimOptions)).claims.length
}

describe('a queue with a rate', () => {
  it('lets a burst go at once, then as many as the rate brings, whoever claims', async () => {
    const {store, clock, namespace, queue} = await openTestStore()
    const other = (await openTestStore({namespace, clock})).store.queue('default')
    await queue.configure(settings({rate: 20, burst: 5}))
    await queue.add(many(100))

    expect([await claimed(queue), await claimed(other)]).toEqual([5, 0])
    clock.advance(49)
    expect(await claimed(other)).toBe(0)
    clock.advance(1)
    expect([await claimed(other), await claimed(queue)]).toEqual([1, 0])
    clock.advance(100)
    expect([await claimed(queue), await claimed(other)]).toEqual([2, 0])
    clock.advance(60_000)
    expect([await claimed(other), await claimed(queue)]).toEqual([5, 0])
    expect(await store.redis.keys(`{${namespace}:default}:rates`)).toHaveLength(1)
  })

  it('says when the next may start, and holds back only what is due', async () => {
    const {queue} = await openTestStore()
    await queue.configure(settings({rate: 4, burst: 1}))
    await queue.add(many(2))

    expect(await queue.claim(claimOptions)).toMatchObject({nextDueMs: 250, heldMs: 250, settings: {rate: 4, burst: 1}})
    await queue.add([aTask({flowKey: 'later', due: {delayMs: 10_000}})])
    expect(await queue.claim(claimOptions)).toMatchObject({nextDueMs: 250})
  })

  it('has a second`s worth for a burst where none is set', async () => {
    const {queue} = await openTestStore()
    await queue.add(many(100))

    await queue.configure(settings({rate: 7}))
    expect(await claimed(queue)).toBe(7)
    await queue.configure(settings({rate: 0.5}))
    expect(await claimed(queue)).toBe(0)
  })

  it('starts with a fresh view of time when a slow rate becomes a fast one', async () => {
    const {queue, clock} = await openTestStore()
    await queue.configure(settings({rate: '1/h', burst: 10}))
    await queue.add(many(100))
    expect(await claimed(queue)).toBe(10)

    await queue.configure(settings({rate: 100, burst: 10}))
    clock.advance(50)

    expect(await claimed(queue)).toBe(5)
  })

  it('claims nothing ahead of its place: what waits would start together', async () => {
    const {queue} = await openTestStore()
    await queue.configure(settings({rate: 1000}))
    await queue.add(many(100))

    const {claims} = await queue.claim({...claimOptions, limit: 60, ahead: 50})

    expect(claims).toHaveLength(10)
  })

  it('never lets more go in any span of time than the burst and what the rate brings', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1, max: 50}),
        fc.integer({min: 1, max: 20}),
        fc.array(fc.record({ms: fc.integer({min: 0, max: 400}), limit: fc.integer({min: 0, max: 12})}), {maxLength: 12}),
        async (rate, burst, steps) => {
          const {store, queue, clock} = await openTestStore()
          await queue.configure(settings({rate, burst}))
          await queue.add(many(150))
          const starts: {at: number; count: number}[] = []
          for (const {ms, limit} of steps) {
            clock.advance(ms)
            starts.push({at: clock.now(), count: (await queue.claim({...claimOptions, limit})).claims.length})
          }

          for (const [from, first] of starts.entries()) {
            let sum = 0
            for (const {at, count} of starts.slice(from)) {
              sum += count
              expect(sum).toBeLessThanOrEqual(burst + (rate * (at - first.at)) / 1000)
            }
          }
          await store.close()
        },
      ),
      {numRuns: 15},
    )
  })
})

describe('a queue with a limit of its active tasks', () => {
  it('never has more of them, and says when one has ended', async () => {
    const {store, queue} = await openTestStore()
    await queue.configure(settings({concurrency: 3}))
    await queue.add([...many(5, 'one'), ...many(5, 'two')])

    const {claims, nextDueMs} = await queue.claim(claimOptions)
    expect([claims.length, nextDueMs, await claimed(queue)]).toEqual([3, null, 0])
    const woken: string[] = []
    const wakes = await store.onWake((name) => woken.push(name))
    await queue.settle([complete(claims[0]!)], keepAll)

    await expect.poll(() => woken).toEqual(['default'])
    expect([await claimed(queue), await claimed(queue)]).toEqual([1, 0])
    wakes.stop()
  })
})

describe('a queue with limits for its lanes', () => {
  it('has its own number of active tasks in each, whatever the claimer`s', async () => {
    const {queue} = await openTestStore()
    await queue.configure(settings({laneConcurrency: 2}))
    await queue.add([...many(5, 'one'), ...many(5, 'two')])

    const {claims} = await queue.claim({...claimOptions, laneConcurrency: 0, free: 1000})

    expect(claims.map(({task}) => task.flowKey)).toEqual(['one', 'one', 'two', 'two'])
  })

  it('looks at full lanes again when the limit is raised', async () => {
    const {queue} = await openTestStore()
    await queue.configure(settings({laneConcurrency: 1}))
    await queue.add(many(5))
    expect([await claimed(queue), await claimed(queue)]).toEqual([1, 0])

    await queue.configure(settings({laneConcurrency: 3}))

    expect(await claimed(queue)).toBe(2)
  })

  it('lets each lane start at its own rate', async () => {
    const {queue, clock} = await openTestStore()
    await queue.configure(settings({laneRate: 2}))
    await queue.add([...many(10, 'one'), ...many(10, 'two'), ...many(1, 'three')])

    expect(await queue.claim(claimOptions)).toMatchObject({claims: {length: 5}, nextDueMs: 500, heldMs: 500})
    clock.advance(499)
    expect(await claimed(queue)).toBe(0)
    clock.advance(1)
    expect(await claimed(queue)).toBe(2)
    await queue.configure(settings({laneRate: null}))
    expect(await claimed(queue)).toBe(14)
  })

  it('forgets the buckets that are full', async () => {
    const {store, namespace, queue, clock} = await openTestStore()
    await queue.configure(settings({laneRate: 1}))
    await queue.add(Array.from({length: 50}, (_, index) => aTask({flowKey: `lane ${index}`})))
    await claimed(queue)
    clock.advance(1001)
    await queue.add(many(1))

    await claimed(queue)

    expect(await store.redis.zrange(`{${namespace}:default}:rates`, '0', '-1')).toEqual(['lane'])
  })
})
