import {describe, expect, it} from 'vitest'

import {readStats, statsView} from '../../src/queue/stats.js'
import {RecentTallies, Tally, type Tallied, writeTally} from '../../src/queue/tallies.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

function tallyOf(count: number, tallied: Partial<Tallied> = {}): Tally {
  const tally = new Tally()
  for (let at = 0; at < count; at++) tally.add({outcome: 'delivered', waitMs: 3, durationMs: 40, ...tallied})
  return tally
}

describe('tallies', () => {
  it('become rates over a minute, five and an hour, and percentiles', async () => {
    const {store, clock} = await openTestStore()
    await writeTally(store.context('default'), tallyOf(540))
    clock.advance(10 * 60_000)
    await writeTally(store.context('default'), tallyOf(45))
    await writeTally(store.context('default'), tallyOf(15, {outcome: 'retrying', durationMs: 5000}))
    await writeTally(store.context('default'), tallyOf(15, {outcome: 'dead', durationMs: 5000}))

    const {rates, waitMs, deliveryMs} = (await RecentTallies.read(store.context('default'))).pace()

    expect(rates['1m']).toMatchObject({delivered: 0.75, errors: 0.5, dead: 0.25})
    expect(rates['5m']).toMatchObject({delivered: 0.15, errors: 0.1, dead: 0.05})
    expect(rates['1h']).toMatchObject({delivered: 0.163})
    expect(waitMs).toEqual({p50: 3, p95: 4, p99: 4})
    expect(deliveryMs.p50).toBeLessThan(46)
    expect(deliveryMs.p95).toBeGreaterThan(4000)
  })

  it('count the share of a minute that lies in the window, and are forgotten after an hour', async () => {
    const {store, clock} = await openTestStore()
    const delivered = async () => (await RecentTallies.read(store.context('default'))).pace().rates
    await writeTally(store.context('default'), tallyOf(60))
    clock.advance(75_000)

    expect((await delivered())['1m'].delivered).toBe(0.75)
    clock.advance(60 * 60_000)
    expect((await delivered())['1h'].delivered).toBe(0)
  })

  it('tell how many were added, from where somebody counted', async () => {
    const {store, queue, clock} = await openTestStore()
    const added = async () => (await RecentTallies.read(store.context('default'))).pace().rates
    await writeTally(store.context('default'), tallyOf(1))
    expect((await added())['1m'].added).toBeNull()
    clock.advance(60_000)
    await queue.add(Array.from({length: 120}, () => aTask({due: {delayMs: 1000}})))

    expect((await added())['1m'].added).toBe(2)
    expect((await added())['5m'].added).toBeNull()
  })

  it('are summed over the queues, and stand in the wire form', async () => {
    const {store, queue} = await openTestStore()
    const mail = store.queue('mail')
    await queue.add([aTask({due: {delayMs: 500}})])
    await mail.add([aTask({queue: 'mail'})])
    await writeTally(store.context('default'), tallyOf(60))
    await writeTally(store.context('mail'), tallyOf(60, {durationMs: 4000}))

    const {totals, queues} = statsView(await readStats(store))

    expect(totals).toMatchObject({scheduled: 1, ready: 1, addedTotal: 2, oldestDueAt: '2030-01-01T00:00:00.000Z'})
    expect(totals.rates['1m'].delivered).toBe(2)
    expect(queues.map(({name, deliveryMs}) => [name, (deliveryMs.p50 ?? 0) > 1000])).toEqual([
      ['default', false],
      ['mail', true],
    ])
  })
})
