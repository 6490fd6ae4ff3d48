import {once} from 'node:events'
import {createServer} from 'node:net'
import {inject, describe, expect, it, onTestFinished} from 'vitest'

import {Serve, type ServeOptions} from '../../src/serve/serve.js'
import {newTask} from '../../src/task/new-task.js'
import {defaultLimits} from '../../src/task/limits.js'
import {listens} from '../../src/embedded/listens.js'
import {environment, scratchHome} from '../embedded/scratch-home.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'

/** A serve that is not started, on a free port, in the run's Redis; stopped when the test ends. */
function newServe(options: Partial<ServeOptions> = {}) {
  const log = new MemoryLog()
  const serve = new Serve({
    version: '1.2.3',
    redis: {url: inject('redisUrl')},
    namespace: 'serve-test',
    allowEviction: false,
    http: {host: '127.0.0.1', port: 0, noAuth: false},
    dispatch: true,
    tokens: {admin: [], add: []},
    trustedHosts: [],
    signing: {server: [], queues: {}},
    egress: {mode: 'internal'},
    shutdownTimeoutMs: 10_000,
    concurrency: 10,
    laneConcurrency: 0,
    leaseMs: 15_000,
    keepDelivered: 10,
    policy: {maxErrors: 3, timeoutMs: 20_000, minBackoffMs: 100, maxBackoffMs: 100, factor: 1},
    log,
    ...options,
  })
  onTestFinished(() => serve.stop())
  const url = async () => (await serve.start()).url
  const ready = async () => (await fetch(`${await url()}/readyz`)).status
  return {serve, log, url, ready}
}

/** A home for a private Redis. */
async function openHome() {
  const paths = await scratchHome()
  return {paths, redis: {engine: {home: paths.home, env: await environment()}}}
}

describe('Serve', () => {
  it('is ready once started, and not from the moment it is told to stop, while calls run and tasks are taken', async () => {
    const {store, queue, namespace, inspector} = await openTestStore({clock: undefined})
    const receiver = await openReceiver({delayMs: 500})
    const {serve, ready, url} = newServe({namespace})
    await serve.start()
    await queue.add([newTask({url: receiver.url()})])
    await receiver.received(1)

    const before = await ready()
    const stopped = serve.stop()
    const after = await ready()
    const added = await fetch(`${await url()}/hooks/add`, {method: 'POST', body: new URLSearchParams({url: receiver.url()})})
    await stopped

    expect([before, after, added.status]).toEqual([200, 503, 200])
    expect((await inspector.stats()).totals).toMatchObject({delivered: 1, ready: 1, active: 0})
    await expect(ready()).rejects.toThrow('fetch failed')
    expect(await store.processes.live()).toEqual([])
  })

  it('says in /healthz what may lose tasks, also where another process says so in the log', async () => {
    const {serve, url, log} = newServe({tellsOfRedis: false})
    await serve.start()

    const health = (await (await fetch(`${await url()}/healthz`)).json()) as object

    expect(health).toEqual({
      status: 'ok',
      warnings: [{code: 'persistence', message: 'this Redis persists nothing: its tasks are lost when it restarts'}],
    })
    expect(log.saying('this Redis')).toEqual([])
  })

  it('is known to the others with its limits while it runs', async () => {
    const {store, namespace} = await openTestStore({clock: undefined})
    const {serve} = newServe({namespace})

    const before = await store.processes.limits()
    await serve.start()

    expect(await store.processes.live()).toMatchObject([
      {pid: process.pid, version: '1.2.3', maxErrors: 3, timeoutMs: 20_000, inFlight: 0},
    ])
    expect([before, await store.processes.limits()]).toEqual([defaultLimits, {maxErrors: 3, timeoutMs: 20_000}])
  })

  it('starts on a Redis that is full, and works off what is there', async () => {
    const redis = await openOwnRedis('--appendonly', 'yes')
    const {store, queue, namespace, inspector} = await openTestStore({clock: undefined, redisUrl: redis.url})
    const receiver = await openReceiver()
    await queue.add(Array.from({length: 20}, () => newTask({url: receiver.url()})))
    await store.redis.config('SET', 'maxmemory', '1')
    const {serve, log} = newServe({redis: {url: redis.url}, namespace})

    await serve.start()
    await receiver.received(20)

    await expect.poll(async () => (await inspector.stats()).totals, patiently).toMatchObject({deliveredTotal: 20, active: 0})
    expect(log.lines.filter(({level}) => level === 'warn' || level === 'error')).toEqual([])
  })

  it('ends the private Redis and what else it has started when a part cannot start', async () => {
    const {redis, paths} = await openHome()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    onTestFinished(() => void taken.close())
    const {port} = taken.address() as {port: number}
    const {serve} = newServe({redis, http: {host: '127.0.0.1', port, noAuth: false}})

    await expect(serve.start()).rejects.toMatchObject({code: 'failed', exitCode: 1})

    expect(await listens(paths.socket)).toBe(false)
  })

  it.each(['at once', 'while the private Redis starts', 'while the rest starts'])(
    'ends everything when it is stopped %s',
    async (when) => {
      const {redis, paths} = await openHome()
      const {serve} = newServe({redis})

      const started = serve.start().catch(({code}: {code: string}) => code)
      if (when === 'while the private Redis starts') await new Promise((resolve) => setImmediate(resolve))
      if (when === 'while the rest starts') await expect.poll(() => listens(paths.socket), {...patiently, interval: 1}).toBe(true)
      await serve.stop()

      expect(await started).toBe('shutting_down')
      expect(await listens(paths.socket)).toBe(false)
    },
  )

  it('judges what may be called before it starts anything', async () => {
    const {redis, paths} = await openHome()
    const {serve} = newServe({redis, egress: {mode: 'internal', deny: ['not a rule']}})

    await expect(serve.start()).rejects.toMatchObject({code: 'invalid_option'})

    expect(await listens(paths.socket)).toBe(false)
  })
})
