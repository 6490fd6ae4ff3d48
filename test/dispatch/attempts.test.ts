import {describe, expect, it, onTestFinished, vi} from 'vitest'

import {Attempts, type AttemptsOptions} from '../../src/dispatch/attempts.js'
import {LeaseKeeper} from '../../src/dispatch/lease-keeper.js'
import {Outage} from '../../src/dispatch/outage.js'
import {Settler} from '../../src/dispatch/settler.js'
import type {Call, Outcome} from '../../src/dispatch/deliver.js'
import {claimOptions, leaseMs} from '../support/attempts.js'
import {testPolicy} from '../support/dispatcher.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {aTask} from '../support/tasks.js'

const delivered: Outcome = {
  status: 200,
  error: null,
  message: null,
  durationMs: 1,
  response: null,
  retryAfter: null,
  noRetry: false,
}

/** Attempts on a real queue, whose calls end when the test says so. */
async function openAttempts(options: Partial<AttemptsOptions> = {}) {
  const opened = await openTestStore()
  const log = new MemoryLog()
  const calls: {call: Call; end: () => void}[] = []
  const leases = new LeaseKeeper({leaseMs, log, existing: async () => new Set()})
  const settler = new Settler({
    away: () => {},
    keepDelivered: 1000,
    outage: new Outage(log),
    log,
    isQuiet: () => true,
    settled: (settled) => settled.forEach(({flight}) => leases.delete(flight)),
  })
  const attempts = new Attempts({
    concurrency: 8,
    laneConcurrency: 0,
    deliverer: {deliver: (call) => new Promise((resolve) => calls.push({call, end: () => resolve(delivered)}))},
    leases,
    settler,
    policy: {...testPolicy, timeoutMs: 1000},
    log,
    ended: () => {},
    ...options,
  })
  const claim = async (lanes: Record<string, number>) => {
    for (const [flowKey, count] of Object.entries(lanes))
      await opened.queue.add(Array.from({length: count}, () => aTask({flowKey})))
    const claimed = await opened.queue.claim({...claimOptions, limit: 100, laneConcurrency: 100})
    attempts.begin(opened.queue, claimed)
    return claimed.claims.map(({task}) => task.id)
  }
  const called = () => calls.map(({call}) => call.task.flowKey)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {...opened, attempts, settler, leases, calls, claim, called, turn}
}

describe('Attempts', () => {
  it('makes so many calls at once, and each end begins the next', async () => {
    const {attempts, calls, claim, turn} = await openAttempts({laneConcurrency: 100})

    await claim({a: 20})
    // Whether the target answers is not known yet.
    expect(attempts).toMatchObject({running: 4, inHand: 20})
    calls[3]!.end()
    await turn()

    expect(calls).toHaveLength(9)
    expect(attempts).toMatchObject({running: 8, inHand: 19})
  })

  it('lets no lane hold more places than it leaves free, and others pass its waiting tasks', async () => {
    const {attempts, claim, called} = await openAttempts()

    await claim({a: 20})
    expect(called()).toEqual(Array.from({length: 4}, () => 'a'))
    await claim({b: 3})

    // Of the places that are kept for the first calls of those that are not known to answer.
    expect(called().slice(4)).toEqual(['b'])
    expect(attempts.inHand).toBe(23)
  })

  it('begins a call that waited when it begins', async () => {
    const {calls, claim, clock, turn} = await openAttempts({concurrency: 1, laneConcurrency: 100})
    await claim({a: 2})
    await new Promise((resolve) => setTimeout(resolve, 20))

    calls[0]!.end()
    await turn()

    expect(calls[0]!.call.startedAt).toBe(clock.now())
    expect(calls[1]!.call.startedAt).toBeGreaterThanOrEqual(clock.now() + 19)
  })

  it('gives back what waits, with nothing but the number of its attempt spent', async () => {
    const {attempts, claim, settler, leases, inspector, queue} = await openAttempts({concurrency: 1, laneConcurrency: 100})
    const ids = await claim({a: 3})

    attempts.giveBack()
    expect(attempts.inHand).toBe(3)
    attempts.giveBack({all: true})
    await settler.flush()

    expect(attempts).toMatchObject({running: 1, inHand: 1})
    expect(leases.size).toBe(1)
    const given = (await inspector.find(ids)).filter(({state}) => state === 'ready')
    const spent = {attempts: 1, errors: 0, lostLeases: 0, history: []}
    expect(given).toMatchObject([{run: spent}, {run: spent}])
    expect((await queue.claim(claimOptions)).claims[0]).toMatchObject({attempt: 2})
  })

  it('makes no call whose lease may be over before it begins', async () => {
    const {attempts, calls, claim, leases, turn} = await openAttempts({concurrency: 1, laneConcurrency: 100})
    await claim({a: 2})
    const overdue = vi.spyOn(leases, 'isSafe').mockReturnValue(false)
    onTestFinished(() => overdue.mockRestore())

    calls[0]!.end()
    await turn()

    expect(calls).toHaveLength(1)
    expect(attempts).toMatchObject({running: 0, inHand: 0})
  })

  it('does not call what was purged while it waited for a place', async () => {
    const {attempts, calls, claim, queue, turn, settler} = await openAttempts({concurrency: 1, laneConcurrency: 100})
    const [, second] = await claim({a: 2})
    await queue.purge([second!], {states: ['active']})

    await attempts.checkWaiting(queue)
    calls[0]!.end()
    await turn()
    await settler.flush()

    expect(calls).toHaveLength(1)
    expect(attempts).toMatchObject({running: 0, inHand: 0})
  })

  it('gives back what has waited for a second', async () => {
    const {attempts, claim, inspector} = await openAttempts({concurrency: 1, laneConcurrency: 100})
    await claim({a: 3})

    await expect.poll(() => (attempts.giveBack(), attempts.inHand), patiently).toBe(1)

    await expect.poll(async () => (await inspector.stats()).totals, patiently).toMatchObject({active: 1, ready: 2})
  })
})
