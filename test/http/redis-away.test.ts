import {describe, expect, it, onTestFinished} from 'vitest'

import {Store} from '../../src/queue/store.js'
import {openEndpoint} from '../support/endpoint.js'
import {openOwnRedis} from '../support/own-redis.js'

const url = 'http://127.0.0.1:9/'

async function openOnOwnRedis(...args: string[]) {
  const redis = await openOwnRedis(...args)
  const store = await Store.open({redisUrl: redis.url, namespace: 'torque', profile: 'endpoint'})
  onTestFinished(() => store.close())
  return {redis, ...(await openEndpoint({store}))}
}

describe('while Redis is away', () => {
  it.each(['kill', 'pause'] as const)('everything but /healthz is 503 within 2 s (%s)', async (how) => {
    const {redis, ask} = await openOnOwnRedis()
    await redis[how]()
    const before = performance.now()

    const replies = await Promise.all([
      ask('/tasks'),
      ask('/tasks/a'),
      ask('/tasks/a', {method: 'DELETE'}),
      ask('/tasks/purge', {json: {all: true}}),
      ask('/stats'),
      ask('/readyz'),
      ask('/hooks/add', {form: {url}}),
      ask('/tasks', {json: [{url}]}),
    ])

    expect(performance.now() - before).toBeLessThan(8_000)
    for (const {status, headers, body} of replies) {
      expect([status, body.error?.code]).toEqual([503, 'redis_unavailable'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect((await ask('/healthz')).status).toBe(200)
    redis.resume()
  })

  it('takes tasks again once Redis is back', async () => {
    const {redis, ask} = await openOnOwnRedis()
    await redis.kill()
    expect((await ask('/hooks/add', {form: {url}})).status).toBe(503)

    await redis.start()

    await expect.poll(async () => (await ask('/readyz')).status, {timeout: 5_000}).toBe(200)
    expect((await ask('/hooks/add', {form: {url}})).status).toBe(200)
  })
})

describe('while Redis is full', () => {
  it('adding is 503 queue_full, reading and purging go on, and room lets tasks in again', async () => {
    const {ask, store} = await openOnOwnRedis()
    await ask('/tasks', {json: [{url, id: 'a'}]})
    await store.redis.config('SET', 'maxmemory', '1')

    const full = await ask('/hooks/add', {form: {url}})
    const [read, purged] = [await ask('/tasks/a'), await ask('/tasks/a', {method: 'DELETE'})]
    await store.redis.config('SET', 'maxmemory', '0')
    const again = await ask('/hooks/add', {form: {url}})

    expect([full.status, full.body.error?.code, Number(full.headers.get('retry-after')) > 0]).toEqual([503, 'queue_full', true])
    expect([read.status, purged.body.changed, again.status]).toEqual([200, 1, 200])
  })
})
