import {describe, expect, it} from 'vitest'

import {LeaseKeeper} from '../../src/dispatch/lease-keeper.js'
import {taskStates} from '../../src/task/task.js'
import {claimOptions, complete, hold, keepAll, leaseMs, lose} from '../support/attempts.js'
import {aFlight} from '../support/flights.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'

/** A keeper with one lease in hand, whose time to be extended has come. */
async function openKeeper() {
  const opened = await openTestStore()
  const log = new MemoryLog()
  const existing = async (_queue: unknown, ids: readonly string[]) =>
    new Set((await opened.inspector.find(ids)).map(({task}) => task.id))
  const keeper = new LeaseKeeper({leaseMs, log, existing})
  const claim = await hold(opened.queue)
  const flight = aFlight(opened.queue, claim)
  keeper.add(flight)
  const leaseEndsAt = async () => (await opened.inspector.find([claim.task.id]))[0]?.leaseEndsAt
  return {...opened, keeper, log, claim, flight, leaseEndsAt}
}

describe('LeaseKeeper', () => {
  it('extends a lease when a third of it has passed, and not before', async () => {
    const {keeper, clock, leaseEndsAt} = await openKeeper()
    clock.advance(1000)

    await keeper.extend()
    const extended = await leaseEndsAt()
    clock.advance(1000)
    await keeper.extend()

    expect(extended).toBe(clock.now() - 1000 + leaseMs)
    expect(await leaseEndsAt()).toBe(extended)
    expect(keeper.nextExtension() - performance.now()).toBeCloseTo(leaseMs / 3, -2)
  })

  it('trusts a lease until its extension is overdue, and never one that was lost', async () => {
    const {keeper, flight} = await openKeeper()
    const safeAt = (extendAt: number) => keeper.isSafe({...flight, extendAt})

    expect([safeAt(performance.now() + 1000), safeAt(performance.now() - 1000)]).toEqual([true, true])
    expect(safeAt(performance.now() - leaseMs / 3)).toBe(false)
    expect(keeper.isSafe({...flight, extendAt: Infinity, lost: true})).toBe(false)
  })

  it('extends all of them after an outage, those as well that ran out with nobody to take them', async () => {
    const {keeper, clock, flight, leaseEndsAt} = await openKeeper()
    flight.extendAt = Infinity
    clock.advance(2 * leaseMs)

    await keeper.extend({all: true})

    expect(await leaseEndsAt()).toBe(clock.now() + leaseMs)
    expect(flight.lost).toBe(false)
  })

  it('ends the call of a lease that another has, says so once, and does not make it anew', async () => {
    const {keeper, clock, queue, claim, flight, log} = await openKeeper()
    clock.advance(leaseMs)
    await queue.reclaim([lose(claim)])
    await queue.claim(claimOptions)

    await keeper.extend()
    await keeper.extend({all: true})

    expect(flight).toMatchObject({lost: true, abort: {aborted: true}})
    expect(log.saying('stale_lease')).toEqual([{queue: 'default', id: claim.task.id, attempt: 1}])
    expect(log.lines).toHaveLength(1)
  })

  it('lets the call of a task that was purged go on, and its end change nothing', async () => {
    const {keeper, queue, claim, flight, log} = await openKeeper()
    await queue.purge([claim.task.id], {states: taskStates})

    await keeper.extend()

    expect(flight).toMatchObject({lost: true, abort: {aborted: false}})
    expect(log.lines).toMatchObject([{level: 'info', details: {id: claim.task.id}}])
  })

  it('says nothing of a lease that was settled while it was extended', async () => {
    const {keeper, queue, claim, flight, log} = await openKeeper()
    await queue.settle([complete(claim)], keepAll)

    const extended = keeper.extend()
    keeper.delete(flight)
    await extended

    expect(log.lines).toEqual([])
    expect(keeper.size).toBe(0)
  })

  it('knows what it holds by its queue, its task and its attempt', async () => {
    const {keeper, store, queue, claim} = await openKeeper()

    expect(keeper.holds(queue, claim)).toBe(true)
    expect(keeper.holds(queue, {...claim, attempt: 2})).toBe(false)
    expect(keeper.holds(store.queue('other'), claim)).toBe(false)
  })
})
