import {describe, expect, inject, it} from 'vitest'

import type {Flight} from '../../src/dispatch/flight.js'
import {Outage} from '../../src/dispatch/outage.js'
import {Settler} from '../../src/dispatch/settler.js'
import type {Queue} from '../../src/queue/queue.js'
import {claimOne, claimOptions, complete, hold, leaseMs, lose, release, retry} from '../support/attempts.js'
import {openCutProxy} from '../support/cut-proxy.js'
import {aFlight} from '../support/flights.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {aTask} from '../support/tasks.js'

function newSettler({isQuiet = true} = {}) {
  const [log, settled] = [new MemoryLog(), new Set<Flight>()]
  const outage = new Outage(log)
  const settler = new Settler({
    keepDelivered: 1000,
    outage,
    log,
    away: (error) => outage.begin(error),
    isQuiet: () => isQuiet,
    settled: (pendings) => pendings.forEach(({flight}) => settled.add(flight)),
  })
  return {settler, outage, log, settled}
}

async function claimAll(queue: Queue, count: number): Promise<Flight[]> {
  await queue.add(Array.from({length: count}, () => aTask({queue: queue.name})))
  const flights: Flight[] = []
  while (flights.length < count)
    flights.push(...(await queue.claim({...claimOptions, laneConcurrency: 10_000})).claims.map((claim) => aFlight(queue, claim)))
  return flights
}

/** The connection is there again after it was cut. */
const reconnected = (store: Awaited<ReturnType<typeof openTestStore>>['store']) =>
  expect.poll(() => store.redis.status, patiently).toBe('ready')

describe('Settler', () => {
  it.each([
    ['no call runs', true],
    ['calls run', false],
  ])('writes a verdict soon after it came, when %s', async (_when, isQuiet) => {
    const {queue, inspector} = await openTestStore()
    const {settler, settled} = newSettler({isQuiet})
    const flight = aFlight(queue, await hold(queue))

    settler.push(flight, complete(flight.claim).verdict)

    await expect.poll(() => settled.has(flight), patiently).toBe(true)
    expect(settler.size).toBe(0)
    expect((await inspector.stats()).totals).toMatchObject({delivered: 1, active: 0})
  })

  it('writes any number, of several queues, and tells of each once', async () => {
    const {store, inspector} = await openTestStore()
    const {settler, settled, log} = newSettler()
    const flights = [...(await claimAll(store.queue('a'), 1200)), ...(await claimAll(store.queue('b'), 30))]

    for (const flight of flights) settler.push(flight, complete(flight.claim).verdict)
    await settler.flush()

    expect(settled).toEqual(new Set(flights))
    expect(log.lines).toEqual([])
    expect((await inspector.stats()).totals).toMatchObject({active: 0, deliveredTotal: 1230})
  })

  it('gives a task back to its place in the lane', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const {settler} = newSettler()
    const dueAt = clock.now()
    await queue.add([aTask()])
    clock.advance(5000)
    const flight = aFlight(queue, await claimOne(queue))

    settler.push(flight, release(flight.claim).verdict)
    await settler.flush()

    expect(await inspector.find([flight.claim.task.id])).toMatchObject([{state: 'ready', dueAt}])
  })

  it('changes nothing for a lease that is lost, and says so once', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const {settler, settled, log} = newSettler()
    const [stale, known] = await claimAll(queue, 2)
    clock.advance(leaseMs)
    await queue.reclaim([lose(stale!.claim), lose(known!.claim)])
    known!.lost = true

    for (const flight of [stale!, known!]) settler.push(flight, retry(flight.claim, 1000).verdict)
    await settler.flush()

    expect(log.saying('stale_lease')).toEqual([{queue: 'default', id: stale!.claim.task.id, attempt: 1}])
    expect(settled.size).toBe(2)
    expect((await inspector.stats()).totals).toMatchObject({ready: 2, retrying: 0})
  })

  it('keeps what it could not write, and calls none stale whose answer was lost on its way', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, queue, inspector} = await openTestStore({redisUrl: proxy.url})
    const {settler, settled, log, outage} = newSettler()
    const [first, second] = await claimAll(queue, 2)
    settler.push(first!, complete(first!.claim).verdict)
    await settler.flush()
    proxy.loseNextAnswer()

    settler.push(second!, complete(second!.claim).verdict)
    await expect.poll(() => outage.isOn, patiently).toBe(true)
    const waiting = settler.size
    await reconnected(store)
    await settler.flush()

    expect(waiting).toBe(1)
    expect(settled.size).toBe(2)
    expect(log.saying('stale_lease')).toEqual([])
    expect((await inspector.stats()).totals).toMatchObject({deliveredTotal: 2, active: 0})
  })

  it('writes nothing while Redis is away, and what came meanwhile when it is asked to afterwards', async () => {
    const {queue} = await openTestStore()
    const {settler, settled, outage} = newSettler()
    const flight = aFlight(queue, await hold(queue))
    outage.begin(new Error('away'))

    settler.push(flight, complete(flight.claim).verdict)
    settler.gather()
    const before = settled.size
    outage.end()
    settler.gather()

    await expect.poll(() => settled.has(flight), patiently).toBe(true)
    expect(before).toBe(0)
  })

  it('throws what Redis threw when it is flushed, and keeps the verdicts', async () => {
    const redis = await openOwnRedis()
    const {store, queue} = await openTestStore({redisUrl: redis.url})
    const {settler, outage} = newSettler()
    const flight = aFlight(queue, await hold(queue))
    await redis.kill()
    await expect.poll(() => store.redis.status, patiently).not.toBe('ready')
    outage.begin(new Error('away'))
    settler.push(flight, complete(flight.claim).verdict)

    await expect(settler.flush()).rejects.toMatchObject({code: 'redis_unavailable'})

    expect(settler.size).toBe(1)
  })

  it('writes the others where Redis cannot work with what one needs', async () => {
    const {store, queue, namespace, inspector} = await openTestStore()
    const {settler, settled, log} = newSettler()
    const bad = aFlight(queue, await hold(queue, {dedupKeys: ['k:bad']}))
    const good = await claimAll(queue, 3)
    const other = await claimAll(store.queue('other'), 1)
    await store.redis.del(`{${namespace}:default}:dedup:k:bad`)
    await store.redis.lpush(`{${namespace}:default}:dedup:k:bad`, 'not a string')

    for (const flight of [bad, ...good, ...other]) settler.push(flight, complete(flight.claim).verdict)
    await settler.flush()

    expect(settler.size).toBe(0)
    expect(settled.size).toBe(5)
    expect(log.saying('a verdict cannot be written')).toMatchObject([{id: bad.claim.task.id}])
    expect((await inspector.stats()).totals.delivered).toBe(4)
  })

  it('gathers again after an outage, however many timers ran out in it', async () => {
    const {queue} = await openTestStore()
    const {settler, outage, settled} = newSettler({isQuiet: false})
    const [first, second] = await claimAll(queue, 2)
    outage.begin(new Error('away'))
    settler.push(first!, complete(first!.claim).verdict)
    // Longer than verdicts are gathered: the timer has run out and found the outage.
    await new Promise((resolve) => setTimeout(resolve, 20))
    outage.end()

    settler.push(second!, complete(second!.claim).verdict)

    await expect.poll(() => settled.size, patiently).toBe(2)
  })
})
