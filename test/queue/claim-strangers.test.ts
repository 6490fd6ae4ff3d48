import {describe, expect, it} from 'vitest'

import type {Queue} from '../../src/queue/queue.js'
import {claimOptions, complete, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const many = (count: number, flowKey = 'lane') => Array.from({length: count}, () => aTask({flowKey}))

describe('claim, with targets that are not known to answer,', () => {
  const lanes = (count: number, name = 'a new one') =>
    Array.from({length: count}, (_, index) => aTask({flowKey: `${name} ${index}`}))
  const few = {...claimOptions, laneConcurrency: 0, limit: 20, free: 20, strangers: 4, suspects: 2}

  /** Has each of these lanes answer once. */
  async function answer(queue: Queue, names: string[]) {
    await queue.add(names.map((flowKey) => aTask({flowKey})))
    const {claims} = await queue.claim(claimOptions)
    await queue.settle(
      claims.map((claim) => ({...complete(claim), isProof: true})),
      keepAll,
    )
  }

  it('gives them no more than their places, and others theirs, however many stand before those', async () => {
    const {queue} = await openTestStore()
    await answer(queue, ['good'])
    await queue.add(lanes(2500))
    await queue.add(many(1, 'good'))

    const claimed: string[] = []
    let calls = 0
    for (; !claimed.includes('good') && calls < 10; calls++) {
      const strangers = Math.max(0, 4 - claimed.length)
      const {claims} = await queue.claim({...few, strangers, suspects: Math.max(0, strangers - 2)})
      claimed.push(...claims.map(({task}) => task.flowKey))
    }

    expect(calls).toBeLessThan(5)
    expect(claimed).toHaveLength(5)
    await queue.add(many(1, 'good'))
    const next = await queue.claim({...few, strangers: 0, suspects: 0})
    expect(next).toMatchObject({claims: {length: 1}, passedOver: true, nextDueMs: null})
  })

  it('takes those that were passed over when there is room again, and loses none', async () => {
    const {queue} = await openTestStore()
    await queue.add(lanes(50))
    await queue.claim({...few, strangers: 0, suspects: 0})
    const claimed = new Set<string>()

    for (let calls = 0; calls < 30; calls++) {
      const {claims} = await queue.claim(few)
      for (const {task} of claims) claimed.add(task.flowKey)
    }

    expect(claimed.size).toBe(50)
  })

  it('takes them also where the clock of Redis has gone back since', async () => {
    const {queue, clock} = await openTestStore()
    await queue.add(lanes(3))
    clock.advance(60_000)
    await queue.claim({...few, strangers: 0, suspects: 0})

    clock.advance(-60_000)

    expect((await queue.claim({...few, strangers: 9, suspects: 9})).claims).toHaveLength(3)
  })

  it('lets a first call of a new one go before those that were passed over', async () => {
    const {queue} = await openTestStore()
    await queue.add(lanes(50))
    await queue.claim({...few, strangers: 0, suspects: 0})
    await queue.add(many(3, 'newcomer'))

    const {claims} = await queue.claim({...few, strangers: 2, suspects: 0})

    expect(claims.map(({task}) => task.flowKey)).toEqual(['newcomer'])
  })

  it('lets the process know that there is more where the limit was its own', async () => {
    const {queue} = await openTestStore()
    await queue.add(lanes(50))
    await queue.claim({...few, strangers: 0, suspects: 0})

    const {claims, nextDueMs} = await queue.claim({...few, limit: 2})

    expect([claims.length, nextDueMs]).toEqual([2, 0])
  })

  it('no longer takes one for known that fails', async () => {
    const {queue} = await openTestStore()
    await answer(queue, ['good', 'bad'])
    await queue.add([...many(2, 'good'), ...many(2, 'bad')])
    const {claims} = await queue.claim({...claimOptions, limit: 2})
    await queue.settle(
      claims
        .filter(({task}) => task.flowKey === 'bad')
        .map((claim) => {
          const {verdict, ...rest} = retry(claim, 60_000)
          return {...rest, verdict: {...verdict, target: {quietMs: 0}}}
        }),
      keepAll,
    )

    const next = await queue.claim({...few, strangers: 0, suspects: 0})

    expect(next.claims.map(({task}) => task.flowKey)).toEqual(['good'])
  })

  it('remembers the newest ten thousand, for a day', async () => {
    const {store, namespace, queue, clock} = await openTestStore()
    const key = `{${namespace}:default}:proven`
    await store.redis.zadd(key, ...Array.from({length: 10_000}, (_, index) => [clock.now() - index, `lane ${index}`]).flat())

    await answer(queue, ['good'])

    expect(await store.redis.zcard(key)).toBe(10_000)
    expect(await store.redis.zscore(key, 'lane 9999')).toBeNull()
    clock.advance(24 * 3_600_000 + 1)
    await answer(queue, ['better'])
    expect(await store.redis.zrange(key, '0', '-1')).toEqual(['better'])
  })
})
