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
    const warnings = await checkRedis(store, {allowEviction: true, log})

    expect(log.lines).toMatchObject([{level: 'warn', message: expect.stringContaining(policy)}])
    expect(warnings).toMatchObject([{code: 'eviction', message: expect.stringContaining(policy)}])
  })

  it.each([
    ['nothing', [], [{code: 'persistence', message: expect.stringMatching(/persists nothing/)}]],
    ['an append-only file', ['--appendonly', 'yes'], []],
    ['one that nobody flushes', ['--appendonly', 'yes', '--appendfsync', 'no'], [{code: 'fsync'}]],
    ['snapshots', ['--save', '60 1'], [{code: 'persistence', message: expect.stringMatching(/snapshots only/)}]],
  ])('with %s to persist to, warns as it should', async (_name, args, expected) => {
    const log = new MemoryLog()

    const warnings = await checkRedis(await openStoreOn(...args), {allowEviction: false, log})

    expect(warnings).toMatchObject(expected)
    expect(log.lines).toMatchObject(warnings.map(({message}) => ({level: 'warn', message})))
  })

  it('says nothing in the log where another process does, and resolves to it all the same', async () => {
    expect(await checkRedis(await openStoreOn(), {allowEviction: false})).toMatchObject([{code: 'persistence'}])
  })

  it('asks no questions of a Redis that does not answer them', async () => {
    const store = await openStoreOn('--rename-command', 'CONFIG', '')
    const log = new MemoryLog()

    await checkRedis(store, {allowEviction: false, log})

    expect(log.lines).toEqual([])
  })
})
