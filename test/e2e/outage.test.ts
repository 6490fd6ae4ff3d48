import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'

import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {type Answers, openReceiver} from '../support/receiver.js'
import {type ServeProcess, startServe} from '../support/serve.js'

/** A serve on a Redis of its own that loses nothing when it is killed, and a receiver. */
async function openServe(answers: Answers = {}, args: readonly string[] = []) {
  const redis = await openOwnRedis('--appendonly', 'yes', '--appendfsync', 'always')
  const {namespace, inspector, store} = await openTestStore({clock: undefined, redisUrl: redis.url})
  const receiver = await openReceiver(answers)
  const env = {TORQUE_REDIS_URL: redis.url, TORQUE_NAMESPACE: namespace}
  const serve = await startServe(env, args)
  const add = (fields: Record<string, string> = {}) => post(serve, {url: receiver.url(), ...fields})
  const totals = async () => (await inspector.stats()).totals
  return {env, redis, receiver, serve, add, totals, store}
}

interface Answered {
  status: number
  retryAfter: string | null
  tookMs: number
  body: {id?: string; duplicate?: boolean; error?: {code: string; id?: string}}
}

async function post(serve: ServeProcess, fields: Record<string, string>): Promise<Answered> {
  const start = performance.now()
  const response = await fetch(`${serve.url}/hooks/add`, {method: 'POST', body: new URLSearchParams(fields)})
  const body = (await response.json()) as Answered['body']
  return {status: response.status, retryAfter: response.headers.get('retry-after'), tookMs: performance.now() - start, body}
}

/** The CPU time a process has had, in ms. Linux only; elsewhere 0. */
function cpuMs({child}: ServeProcess): number {
  if (process.platform !== 'linux') return 0
  const [, fields = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
  // In hundredths of a second, whatever the kernel's own clock.
  return (user + system) * 10
}

const elapsed = (start: number) => () => performance.now() - start

describe('serve, when its Redis is killed', () => {
  it(
    'answers 503 and queues nothing, uses little CPU, and recovers by itself; what finished meanwhile is not called again',
    {timeout: 60_000},
    async () => {
      // Longer than it takes to see the outage, shorter than the outage; the lease runs out as well.
      const {redis, receiver, serve, add, totals} = await openServe(
        (_call, index) => ({delayMs: index === 0 ? 1200 : 0}),
        ['--lease', '1s'],
      )
      await add()
      await receiver.received(1)
      await redis.kill()
      await serve.untilLogged('Redis is away')

      const refused = await add()
      const ready = await fetch(`${serve.url}/readyz`)
      const [from, start] = [cpuMs(serve), performance.now()]
      await expect.poll(elapsed(start), patiently).toBeGreaterThan(2_000)
      const share = (cpuMs(serve) - from) / elapsed(start)()
      await redis.start()
      const backAt = performance.now()
      await expect.poll(async () => (await add()).status, patiently).toBe(200)
      await receiver.received(2)

      expect(refused).toMatchObject({
        status: 503,
        retryAfter: expect.stringMatching(/^\d+$/),
        body: {error: {code: 'redis_unavailable'}},
      })
      expect(refused.tookMs).toBeLessThan(8_000)
      expect(ready.status).toBe(503)
      expect(elapsed(backAt)()).toBeLessThan(20_000)
      // Of a core, Linux only.
      expect(share).toBeLessThan(0.05)
      await expect.poll(totals, patiently).toMatchObject({delivered: 2, addedTotal: 2, active: 0})
      expect(receiver.calls).toHaveLength(2)
      const warned = serve.log.filter(({level}) => Number(level) >= 40)
      // Why, depends on what was on its way just then.
      expect(warned).toMatchObject([{msg: 'Redis is away', reason: expect.any(String)}])
      expect(serve.log.filter(({msg}) => msg === 'Redis is back')).toHaveLength(1)
    },
  )
})

describe('serve, when its Redis keeps silent', () => {
  it(
    'says within 2 s that the outcome is unknown and under which id; sending that again adds nothing twice',
    {timeout: 60_000},
    async () => {
      const {redis, receiver, add, totals} = await openServe()
      await add({id: 'first'})
      await receiver.received(1)
      redis.pause()

      const unknown = await add()
      const id = unknown.body.error?.id ?? ''
      redis.resume()
      await expect.poll(async () => (await add({id})).body.id, patiently).toBe(id)
      await receiver.received(2)

      expect(unknown).toMatchObject({
        status: 503,
        retryAfter: expect.stringMatching(/^\d+$/),
        body: {error: {code: 'outcome_unknown'}},
      })
      expect(unknown.tookMs).toBeLessThan(8_000)
      await expect.poll(totals, patiently).toMatchObject({delivered: 2, addedTotal: 2})
      expect(receiver.calls.map(({headers}) => headers['webhook-id'])).toEqual(['first', id])
    },
  )

  it('ends nevertheless when it is told to', {timeout: 60_000}, async () => {
    const {redis, serve, add, receiver} = await openServe({hang: true}, ['--shutdown-timeout', '500ms'])
    await add()
    await receiver.received(1)
    redis.pause()
    const start = performance.now()

    const code = await serve.end()
    redis.resume()

    expect(code).toBe(0)
    expect(elapsed(start)()).toBeLessThan(40_000)
  })
})

describe('serve, when its Redis is full', () => {
  it('answers 503 queue_full, works off what is there, and takes tasks again', async () => {
    const {receiver, serve, add, totals, store} = await openServe()
    for (let index = 0; index < 5; index++) await add({delay: '1'})
    await store.redis.config('SET', 'maxmemory', '1')

    const refused = await add()
    const other = await post(serve, {url: receiver.url(), queue: 'new'})
    await receiver.received(5)
    await expect.poll(totals, patiently).toMatchObject({delivered: 5, addedTotal: 5, active: 0})
    await store.redis.config('SET', 'maxmemory', '0')
    const taken = await add()

    expect(refused).toMatchObject({status: 503, retryAfter: expect.stringMatching(/^\d+$/), body: {error: {code: 'queue_full'}}})
    expect(other.body.error?.code).toBe('queue_full')
    expect(taken.status).toBe(200)
  })
})

describe('serve, stopped for longer than its lease', () => {
  it('corrupts nothing when it goes on: its result is refused, which it says once', {timeout: 60_000}, async () => {
    const {env, receiver, serve, add, totals} = await openServe(
      (_call, index) => (index === 0 ? {delayMs: 800} : {delayMs: 1500}),
      ['--lease', '1s'],
    )
    const {id} = (await add()).body
    await receiver.received(1)
    serve.child.kill('SIGSTOP')
    await startServe(env, ['--no-http', '--lease', '1s'])
    await receiver.received(2)
    serve.child.kill('SIGCONT')

    await expect
      .poll(totals, {...patiently, timeout: 30_000})
      .toMatchObject({delivered: 1, deliveredTotal: 1, active: 0, ready: 0})
    await expect.poll(() => serve.log.filter(({msg}) => msg.startsWith('stale_lease')), patiently).toHaveLength(1)
    expect(serve.log.filter(({msg}) => msg.startsWith('stale_lease'))).toMatchObject([{id, attempt: 1}])
    expect(receiver.calls.map(({headers}) => headers['torque-attempt'])).toEqual(['1', '2'])
    expect(serve.hasEnded).toBe(false)
  })
})
