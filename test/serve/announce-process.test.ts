import {describe, expect, it} from 'vitest'

import {announceProcess} from '../../src/serve/announce-process.js'
import {Outage} from '../../src/dispatch/outage.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'

const info = {maxErrors: 3, timeoutMs: 1000, version: '1.2.3', host: 'here', pid: 1, inFlight: () => 7}

/** A store, and the hash its processes are in. */
async function openRegistry() {
  const opened = await openTestStore({clock: undefined})
  return {...opened, key: `${opened.namespace}:processes`}
}

describe('announceProcess', () => {
  it('lists the process until it is told to take it off the list', async () => {
    const {store} = await openRegistry()

    const remove = await announceProcess(store.processes, {...info, log: new MemoryLog()})
    const listed = await store.processes.live()
    await remove()

    expect(listed).toMatchObject([{maxErrors: 3, timeoutMs: 1000, version: '1.2.3', host: 'here', pid: 1, inFlight: 7}])
    expect(Date.now() - listed[0]!.seenAt).toBeLessThan(10_000)
    expect(await store.processes.live()).toEqual([])
  })

  it('takes those off the list that were killed, and what no torque wrote', async () => {
    const {store, key} = await openRegistry()
    const killed = JSON.stringify({...info, id: 'killed', inFlight: 0, seenAt: Date.now() - 60_000})
    await store.redis.hset(key, {killed, foreign: 'not JSON', empty: 'null'})

    const remove = await announceProcess(store.processes, {...info, log: new MemoryLog()})

    expect(await store.redis.hlen(key)).toBe(1)
    await remove()
  })

  it('goes on when Redis refuses, and says so in the debug log', async () => {
    const {store, key} = await openRegistry()
    await store.redis.set(key, 'not a hash')
    const log = new MemoryLog()

    await announceProcess(store.processes, {...info, log}).then(async (remove) => {
      await store.redis.del(key)
      await remove()
    })

    expect(log.lines).toMatchObject([{level: 'debug', message: 'this process could not be announced'}])
  })
})

describe('announceProcess, where nothing else asks Redis,', () => {
  it('tells that Redis is away, and that it is back', async () => {
    const redis = await openOwnRedis()
    const {store} = await openTestStore({clock: undefined, redisUrl: redis.url})
    const log = new MemoryLog()
    const remove = await announceProcess(store.processes, {...info, log, outage: new Outage(log), everyMs: 20})
    await redis.kill()
    await expect.poll(() => log.saying('Redis is away'), patiently).toHaveLength(1)
    await redis.start()
    await expect.poll(() => log.saying('Redis is back'), patiently).toHaveLength(1)

    await remove()
    expect(log.lines.filter(({level}) => level !== 'debug')).toHaveLength(2)
  })
})

describe('the limits of a task that does not say', () => {
  it('are those of a live process, and not of one that was killed', async () => {
    const {store, key} = await openRegistry()
    const entry = (maxErrors: number, seenAt: number) => JSON.stringify({...info, maxErrors, seenAt})
    await store.redis.hset(key, {killed: entry(1, Date.now() - 60_000), live: entry(5, Date.now()), foreign: '{'})

    expect(await store.processes.limits()).toEqual({maxErrors: 5, timeoutMs: 1000})
  })
})
