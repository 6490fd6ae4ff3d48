import {describe, expect, it, onTestFinished} from 'vitest'

import {ClaimLoop, type ClaimLoopOptions} from '../../src/dispatch/claim-loop.js'
import {Outage} from '../../src/dispatch/outage.js'
import type {Claim} from '../../src/queue/queue.js'
import type {Store} from '../../src/queue/store.js'
import {claimOptions, hold} from '../support/attempts.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {aTask} from '../support/tasks.js'

/** A loop whose claims are only noted, stopped when the test ends. */
function newLoop(store: Store, options: Partial<ClaimLoopOptions> = {}) {
  const [claims, lost, events]: [Claim[], Claim[], string[]] = [[], [], []]
  const outage = new Outage(new MemoryLog())
  const concurrency = options.concurrency ?? 10
  const loop = new ClaimLoop({
    store,
    concurrency,
    laneConcurrency: 1000,
    leaseMs: 15_000,
    outage,
    log: new MemoryLog(),
    inHand: () => claims.length,
    strangersInHand: () => 0,
    lanesInHand: () => undefined,
    claiming: () => {},
    begin: (_queue, claimed) => void claims.push(...claimed.claims),
    reclaim: async (_queue, abandoned) => void lost.push(...abandoned),
    recover: async () => void events.push('recovered'),
    rested: () => void events.push('rested'),
    ...options,
  })
  onTestFinished(() => loop.stop())
  return {loop, claims, lost, events, outage}
}

describe('ClaimLoop', () => {
  it('takes nothing back at first where nobody has looked after leases for a while', async () => {
    const {store, queue, clock, namespace} = await openTestStore()
    const polledAt = async () => Number(await store.redis.hget(`{${namespace}:default}:reclaim`, 'polledAt'))
    await hold(queue)
    const {loop, lost} = newLoop(store)
    loop.start(['default'])
    await expect.poll(polledAt, patiently).toBe(clock.now())
    clock.advance(60_000)

    await expect.poll(polledAt, patiently).toBe(clock.now())

    expect(lost).toEqual([])
  })

  it('claims no more than there are places, and goes on when places become free', async () => {
    const {store, queue} = await openTestStore()
    await queue.add(Array.from({length: 25}, () => aTask()))
    const {loop, claims} = newLoop(store, {concurrency: 10})

    loop.start(['default'])
    await expect.poll(() => claims.length, patiently).toBe(10)
    claims.splice(0, 4)
    loop.kick()

    await expect.poll(() => claims.length, patiently).toBe(10)
    expect((await store.inspector.stats()).totals).toMatchObject({active: 14, ready: 11})
  })

  it('claims nothing once it is stopped, whoever wakes it', async () => {
    const {store, queue} = await openTestStore()
    const {loop, claims, events} = newLoop(store)
    loop.start(['default'])
    await expect.poll(() => events, patiently).toContain('rested')

    await loop.stop()
    await queue.add([aTask()])
    loop.wake('default')
    await store.ping()

    expect(claims).toEqual([])
    expect((await store.inspector.stats()).totals.ready).toBe(1)
  })

  it('is busy until it has looked at every queue, and while something is due', async () => {
    const {store, queue} = await openTestStore()
    const {loop, claims} = newLoop(store, {concurrency: 1})
    await queue.add([aTask(), aTask(), aTask({due: {delayMs: 60_000}})])

    const isBusy = () => loop.isBusy
    loop.start(['default'])
    const atStart = isBusy()
    await expect.poll(() => claims.length, patiently).toBe(1)
    const withOneLeft = isBusy()
    claims.splice(0)
    loop.kick()
    await expect.poll(() => claims.length, patiently).toBe(1)
    claims.splice(0)
    loop.wake('default')

    expect([atStart, withOneLeft]).toEqual([true, true])
    await expect.poll(isBusy, patiently).toBe(false)
  })

  it('names tasks whose lease ran out also when it has no place for any', async () => {
    const {store, queue, clock} = await openTestStore()
    await queue.add([aTask()])
    await queue.claim(claimOptions)
    clock.advance(claimOptions.leaseMs)
    const {loop, claims, lost} = newLoop(store, {inHand: () => 10})

    loop.start(['default'])

    await expect.poll(() => lost.length, patiently).toBe(1)
    expect(claims).toEqual([])
  })

  it('after an outage first recovers, then claims, and takes back nothing for a lease', async () => {
    const {store, queue, clock} = await openTestStore()
    await queue.add([aTask()])
    await queue.claim(claimOptions)
    clock.advance(claimOptions.leaseMs)
    await queue.add([aTask()])
    const {loop, claims, lost, events, outage} = newLoop(store, {leaseMs: 1200})
    outage.begin(new Error('away'))

    loop.start(['default'])
    await expect.poll(() => claims.length, patiently).toBe(1)
    const [start, lostAtOnce] = [performance.now(), lost.length]
    await expect.poll(() => lost.length, patiently).toBe(1)

    expect(events[0]).toBe('recovered')
    expect(lostAtOnce).toBe(0)
    expect(performance.now() - start).toBeGreaterThan(900)
    expect(outage.isOn).toBe(false)
  })

  it('opens no queue that is not among its own', async () => {
    const {store} = await openTestStore()
    const {loop} = newLoop(store, {queues: ['mine']})

    expect(loop.open('other')).toBeUndefined()
    expect(loop.open('mine')?.queue.name).toBe('mine')
    expect(loop.open('mine')).toBe(loop.open('mine'))
  })
})
