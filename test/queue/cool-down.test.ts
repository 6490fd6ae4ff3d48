import {describe, expect, it} from 'vitest'

import type {Claim, Queue} from '../../src/queue/queue.js'
import type {Settlement} from '../../src/queue/scripts/settle.js'
import type {TargetSign} from '../../src/task/verdict.js'
import {claimOptions, complete, ended, keepAll, leaseMs, lose, release, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {settings} from '../support/settings.js'
import {aTask} from '../support/tasks.js'

const many = (count: number, flowKey = 'lane') => Array.from({length: count}, () => aTask({flowKey}))

/** It failed, and its target is to blame; it is tried again in two days, unless a wait is given. */
function fail(claim: Claim, target: TargetSign | undefined = {quietMs: 0}, waitMs = 2 * 86_400_000): Settlement {
  const {verdict, ...rest} = retry(claim, waitMs)
  return {...rest, verdict: {...verdict, target}}
}

/** Has so many calls of what is due fail, one after the other. */
async function failTimes(queue: Queue, times: number, target?: TargetSign): Promise<void> {
  for (let done = 0; done < times; done++) {
    const {claims} = await queue.claim({...claimOptions, limit: 1})
    await queue.settle(
      claims.map((claim) => fail(claim, target)),
      keepAll,
    )
  }
}

const open = async (tasks = 100) => {
  const opened = await openTestStore()
  await opened.queue.add(many(tasks))
  return {...opened, claim: () => opened.queue.claim(claimOptions)}
}

describe('a lane whose target fails five times in a row', () => {
  it('is set aside, and nothing of it is claimed until its time is over', async () => {
    const {queue, clock, claim} = await open()
    await failTimes(queue, 4)
    expect(await queue.claim({...claimOptions, limit: 1})).toMatchObject({claims: {length: 1}, nextDueMs: 0})

    await failTimes(queue, 1)

    expect(await claim()).toMatchObject({claims: [], nextDueMs: 1000})
    clock.advance(999)
    await queue.add(many(1))
    expect(await claim()).toMatchObject({claims: [], nextDueMs: 1})
  })

  it('is then tried with one call at a time, whoever claims, and set aside for longer each time that fails', async () => {
    const {queue, clock, claim} = await open()
    await failTimes(queue, 5)
    const waits: (number | null)[] = []

    for (let probes = 0; probes < 11; probes++) {
      clock.advance((await claim()).nextDueMs!)
      const {claims, nextDueMs} = await claim()
      expect([claims.length, nextDueMs, (await claim()).claims]).toEqual([1, null, []])
      await queue.settle([fail(claims[0]!)], keepAll)
      waits.push((await claim()).nextDueMs)
    }

    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1000))
  })

  it('goes on as before when that one is answered, and counts anew', async () => {
    const {queue, clock, claim, store, namespace} = await open()
    await failTimes(queue, 5)
    clock.advance(1000)
    const [probe] = (await claim()).claims

    await queue.settle([complete(probe!)], keepAll)

    expect(await store.redis.exists(`{${namespace}:default}:lane-cool`)).toBe(0)
    await failTimes(queue, 4)
    expect((await claim()).claims).toHaveLength(90)
  })

  it('is tried again at once where the one call came to nothing: given back, lost or purged', async () => {
    const {queue, clock, claim} = await open()
    await failTimes(queue, 5)
    clock.advance(1000)
    const given = (await claim()).claims[0]!
    await queue.settle([release(given)], keepAll)
    const lost = (await claim()).claims[0]!
    clock.advance(leaseMs)
    await queue.reclaim([lose(lost)])
    const purged = (await claim()).claims[0]!
    await queue.purge([purged.task.id], {states: ['active']})

    const next = await claim()

    expect(next.claims).toHaveLength(1)
  })

  it('is not set aside longer for calls that were made before', async () => {
    const {queue, claim} = await open(20)
    const {claims} = await claim()

    await queue.settle(
      claims.slice(0, 10).map((one) => fail(one)),
      keepAll,
    )
    await queue.settle(
      claims.slice(10).map((one) => fail(one)),
      keepAll,
    )
    await queue.add(many(1))

    expect(await claim()).toMatchObject({claims: [], nextDueMs: 1000})
  })

  it('goes on when one of those is answered', async () => {
    const {queue, claim} = await open(20)
    const {claims} = await claim()
    await queue.settle(
      claims.slice(0, 10).map((one) => fail(one)),
      keepAll,
    )

    await queue.settle([complete(claims[10]!)], keepAll)
    await queue.add(many(1))

    expect((await claim()).claims).toHaveLength(1)
  })

  it('leaves it alone for as long as it asked for, an hour at the most', async () => {
    const {queue, claim, clock} = await open()
    await failTimes(queue, 4)
    await failTimes(queue, 1, {quietMs: 45_000})
    const asked = (await claim()).nextDueMs
    clock.advance(45_000)
    const [probe] = (await claim()).claims

    await queue.settle([fail(probe!, {quietMs: 24 * 3_600_000})], keepAll)

    expect(asked).toBe(45_000)
    expect((await queue.claim({...claimOptions, limit: 0})).nextDueMs).toBe(3_600_000)
  })

  it('holds up no other lane', async () => {
    const {queue, claim} = await open()
    await failTimes(queue, 5)

    await queue.add(many(3, 'other'))

    expect((await claim()).claims.map(({task}) => task.flowKey)).toEqual(['other', 'other', 'other'])
  })

  it('is free when it is reset', async () => {
    const {queue, claim} = await open()
    await failTimes(queue, 5)

    expect(await queue.resetLanes(['lane', 'other'])).toEqual(['lane'])

    expect((await claim()).claims).toHaveLength(95)
  })

  it('is not set aside where the queue says never, or after more', async () => {
    const {queue, claim} = await open()
    await queue.configure(settings({coolDownAfter: 0}))
    await failTimes(queue, 20)
    await queue.configure(settings({coolDownAfter: 7}))
    await failTimes(queue, 6)
    expect((await queue.claim({...claimOptions, limit: 1})).claims.map((one) => fail(one))).toHaveLength(1)

    await queue.configure(settings({coolDownAfter: null}))
    await failTimes(queue, 1)

    expect((await claim()).claims).toEqual([])
  })
})

describe('a lane in trouble', () => {
  it('costs no other lane its hint where that has no room in the process that asks', async () => {
    const {queue} = await open()
    await failTimes(queue, 5)
    await queue.add(many(2, 'well'))
    const running = new Map([['well', 10]])

    const passed = await queue.claim({...claimOptions, limit: 5, laneConcurrency: 0, running})

    expect(passed).toMatchObject({claims: [], passedOver: true})
    expect((await queue.claim(claimOptions)).claims).toHaveLength(2)
  })

  it('waits for nothing once its queue sets no lane aside', async () => {
    const {queue, clock, claim} = await open(6)
    const {claims} = await claim()
    const failing = claims.map((one) => fail(one, {quietMs: 3_600_000}, 1000))
    await queue.settle(failing.slice(0, 5), keepAll)
    await queue.configure(settings({coolDownAfter: 0}))

    await queue.settle(failing.slice(5), keepAll)

    clock.advance(1000)
    expect((await claim()).claims).toHaveLength(6)
  })
})

describe('trouble', () => {
  it('ends with any answer, in the order in which they came', async () => {
    const {queue, claim} = await open(20)
    const {claims} = await claim()
    const failed = (from: number, to: number) => claims.slice(from, to).map((one) => fail(one))
    await queue.settle([...failed(0, 4), complete(claims[4]!), ...failed(5, 9)], keepAll)
    await queue.add(many(1))
    expect((await claim()).claims).toHaveLength(1)

    await queue.settle(failed(9, 10), keepAll)
    await queue.add(many(1))

    expect((await claim()).claims).toEqual([])
  })

  it('is not told of by what says nothing about the target', async () => {
    const {queue} = await open(20)
    for (let times = 0; times < 6; times++) {
      const {claims} = await queue.claim({...claimOptions, limit: 1})
      const buried: Settlement = {...release(claims[0]!), verdict: {op: 'bury', run: ended(claims[0]!, {errors: 1})}}
      await queue.settle([buried], keepAll)
    }

    expect((await queue.claim(claimOptions)).claims).toHaveLength(14)
  })

  it('is forgotten after an hour in which nothing was heard of it', async () => {
    const {store, namespace, queue, clock} = await openTestStore()
    const key = `{${namespace}:default}:lane-cool`
    await queue.add(Array.from({length: 40}, (_, index) => aTask({flowKey: `lane ${index}`})))
    await failTimes(queue, 40)
    expect(await store.redis.hlen(key)).toBe(40)
    clock.advance(3_600_001)

    await queue.add(many(60))
    await queue.configure(settings({coolDownAfter: 1000}))
    await failTimes(queue, 60)

    // Three are looked at with each failure.
    expect(await store.redis.hlen(key)).toBeLessThan(10)
    expect(await store.redis.pttl(key)).toBeGreaterThan(0)
  })
})
