import {describe, expect, it} from 'vitest'

import {openTestStore} from '../support/open-store.js'

const info = {id: 'a', pid: 7, host: 'h', version: '1.0.0', inFlight: 3, maxErrors: 4, timeoutMs: 5000}

async function openRegistry() {
  const {store, namespace, inspector} = await openTestStore()
  const key = `${namespace}:processes`
  const [seconds] = await store.redis.time()
  /** Puts an entry there as it would be had it been made so long ago. */
  const plant = (id: string, agoMs: number) =>
    store.redis.hset(key, id, JSON.stringify({...info, id, seenAt: Number(seconds) * 1000 - agoMs}))
  return {processes: store.processes, redis: store.redis, key, plant, inspector}
}

describe('the process registry', () => {
  it('knows who was heard of, by the time of Redis', async () => {
    const {processes, redis} = await openRegistry()
    const [seconds] = await redis.time()

    await processes.announce(info)

    const [live] = await processes.live()
    expect(live).toMatchObject(info)
    expect(live?.seenAt).toBeGreaterThanOrEqual(Number(seconds) * 1000)
  })

  it('keeps one entry per process, the latest', async () => {
    const {processes} = await openRegistry()
    await processes.announce(info)
    await processes.announce({...info, inFlight: 9})

    expect(await processes.live()).toMatchObject([{id: 'a', inFlight: 9}])
  })

  it('forgets who says goodbye', async () => {
    const {processes} = await openRegistry()
    await processes.announce(info)
    await processes.remove('a')

    expect(await processes.live()).toEqual([])
  })

  it('takes one not heard of for half a minute for dead, and clears it away', async () => {
    const {processes, plant, redis, key} = await openRegistry()
    await plant('late', 25_000)
    await plant('dead', 35_000)

    expect((await processes.live()).map(({id}) => id)).toEqual(['late'])
    await processes.announce(info)
    expect((await redis.hkeys(key)).toSorted()).toEqual(['a', 'late'])
  })

  it.each(['garbage', 'null', '5', '{}', '[]'])('sees past an entry that no torque wrote: %s', async (foreign) => {
    const {processes, redis, key, inspector} = await openRegistry()
    await redis.hset(key, 'foreign', foreign)
    await processes.announce(info)

    expect((await processes.live()).map(({id}) => id)).toEqual(['a'])
    expect(await inspector.limits()).toEqual({maxErrors: 4, timeoutMs: 5000})
  })

  it('gives the limits of a live process, or the defaults', async () => {
    const {processes, inspector} = await openRegistry()
    const before = await inspector.limits()
    await processes.announce(info)

    expect(before).toEqual({maxErrors: 10, timeoutMs: 30_000})
    expect(await inspector.limits()).toEqual({maxErrors: 4, timeoutMs: 5000})
  })
})
