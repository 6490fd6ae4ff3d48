import {describe, expect, it} from 'vitest'

import {checkRedis} from '../../src/serve/redis-checks.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'

async function openStoreOn(...args: string[]) {
  const redis = await openOwnRedis(...args)
  return (await openTestStore({redisUrl: redis.url})).store
}

describe('checkRedis', () => {
  it.each(['allkeys-lru', 'volatile-ttl'])('refuses the policy %s, and warns of it where that is wanted', async (policy) => {
    const store = await openStoreOn('--maxmemory-policy', policy, '--appendonly', 'yes')
    const log = new MemoryLog()

    await expect(checkRedis(store, {allowEviction: false, log})).rejects.toMatchObject({
      code: 'refused',
      exitCode: 4,
      message: expect.stringContaining(policy),
    })
    await checkRedis(store, {allowEviction: true, log})

    expect(log.lines).toMatchObject([{level: 'warn', details: {policy}}])
  })

  it.each([
    ['nothing', [], 1],
    ['an append-only file', ['--appendonly', 'yes'], 0],
    ['snapshots', ['--save', '60 1'], 0],
  ])('with %s to persist to, warns as it should', async (_name, args, warnings) => {
    const log = new MemoryLog()

    await checkRedis(await openStoreOn(...args), {allowEviction: false, log})

    expect(log.saying('this Redis persists nothing')).toHaveLength(warnings)
  })

  it('asks no questions of a Redis that does not answer them', async () => {
    const store = await openStoreOn('--rename-command', 'CONFIG', '')
    const log = new MemoryLog()

    await checkRedis(store, {allowEviction: false, log})

    expect(log.lines).toEqual([])
  })
})
