import {once} from 'node:events'
import {describe, expect, inject, it} from 'vitest'

import type {Store} from '../../src/queue/store.js'
import {claimOptions, complete, hold, keepAll, leaseMs} from '../support/attempts.js'
import {openCutProxy} from '../support/cut-proxy.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {untilDone} from '../support/until-done.js'
import {aTask} from '../support/tasks.js'

const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

/** Resolves once the store's connection, lost before, is there again. */
async function reconnected({redis}: Store): Promise<void> {
  if (redis.status !== 'ready') await once(redis, 'ready')
}

describe('an answer that never comes', () => {
  it('leaves the outcome of an add unknown, and sending it again adds nothing twice', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, queue, inspector} = await openTestStore({redisUrl: proxy.url, profile: 'endpoint'})
    await queue.add([aTask()])
    const task = aTask()
    proxy.loseNextAnswer()

    await expect(queue.add([task])).rejects.toMatchObject({code: 'outcome_unknown', status: 503})
    await reconnected(store)

    expect(await queue.add([task])).toMatchObject([{id: task.id, duplicate: true}])
    expect((await inspector.stats()).totals).toMatchObject({ready: 2, addedTotal: 2})
  })

  it('leaves nothing unknown where only the name of the queue was on its way', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, queue, inspector} = await openTestStore({redisUrl: proxy.url, profile: 'endpoint'})
    proxy.loseNextAnswer()

    await expect(queue.add([aTask()])).rejects.toMatchObject({code: 'redis_unavailable'})
    await reconnected(store)

    expect((await inspector.stats()).totals.addedTotal).toBe(0)
  })

  it('lets a settle be sent again: it counts once', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, queue, inspector} = await openTestStore({redisUrl: proxy.url})
    await queue.settle([complete(await hold(queue))], keepAll)
    const claim = await hold(queue)
    proxy.loseNextAnswer()

    await expect(queue.settle([complete(claim)], keepAll)).rejects.toMatchObject({code: 'outcome_unknown'})
    await reconnected(store)

    expect(await queue.settle([complete(claim)], keepAll)).toHaveLength(1)
    expect((await inspector.stats()).totals).toMatchObject({active: 0, delivered: 2, deliveredTotal: 2})
  })

  it('leaves a claim to its lease', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, queue, clock} = await openTestStore({redisUrl: proxy.url})
    await queue.claim(claimOptions)
    const task = aTask()
    await queue.add([task])
    proxy.loseNextAnswer()

    await expect(queue.claim(claimOptions)).rejects.toMatchObject({code: 'outcome_unknown'})
    await reconnected(store)
    const {claims} = await queue.claim(claimOptions)
    clock.advance(claimOptions.leaseMs)

    expect(claims).toEqual([])
    expect((await queue.claim(claimOptions)).lost).toMatchObject([{task: {id: task.id}}])
  })

  it.each([
    ['stats', ({inspector}) => inspector.stats()],
    ['find', ({inspector}) => inspector.find(['a'])],
    ['what a purge reads first', ({queue}) => queue.purge(['a'], {states: ['dead']})],
    ['what a revive reads first', ({queue}) => queue.revive(['a'], {states: ['dead']})],
  ] as [string, (opened: Awaited<ReturnType<typeof openTestStore>>) => Promise<unknown>][])(
    'to a read leaves nothing unknown: %s',
    async (_name, read) => {
      const proxy = await openCutProxy(inject('redisUrl'))
      const opened = await openTestStore({redisUrl: proxy.url})
      proxy.loseNextAnswer()

      await expect(read(opened)).rejects.toMatchObject({code: 'redis_unavailable'})
    },
  )
})

describe('a connection', () => {
  it('to a master that has become a replica is given up for one to the new master', async () => {
    const [old, next] = [await openOwnRedis(), await openOwnRedis()]
    const proxy = await openCutProxy(old.url)
    const {store, queue, namespace} = await openTestStore({redisUrl: proxy.url, profile: 'endpoint'})
    await queue.add([aTask()])
    await store.redis.replicaof('127.0.0.1', 1)
    proxy.leadTo(next.url)

    await expect(queue.add([aTask()])).rejects.toMatchObject({code: 'redis_unavailable'})
    await untilDone(() => queue.add([aTask()]))

    const {inspector} = await openTestStore({redisUrl: next.url, namespace})
    expect((await inspector.stats()).totals.addedTotal).toBe(1)
  })

  it('whose other end is gone without a word is given up for another, well within a lease', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, queue} = await openTestStore({redisUrl: proxy.url, leaseMs: 1500})
    const {id} = (await hold(queue)).task
    proxy.silence()
    const start = performance.now()

    await expect(queue.extend([{id, attempt: 1}], leaseMs)).rejects.toMatchObject({code: 'outcome_unknown'})
    await untilDone(() => store.ping())

    expect(performance.now() - start).toBeLessThan(5_000)
    expect(await queue.extend([{id, attempt: 1}], leaseMs)).toEqual([])
  })
})

describe('a Redis that is killed', () => {
  it('in the middle of an add, leaves its outcome unknown; afterwards all is as it was', async () => {
    const redis = await openOwnRedis(...durable)
    const {store, queue, inspector} = await openTestStore({redisUrl: redis.url, profile: 'endpoint'})
    const [kept, task] = [aTask({dedupKeys: ['k:a']}), aTask()]
    await queue.add([kept])
    redis.pause()

    const adding = queue.add([task])
    const refused = expect(adding).rejects.toMatchObject({code: 'outcome_unknown'})
    await redis.kill()
    await refused
    await expect(queue.add([task])).rejects.toMatchObject({code: 'redis_unavailable'})
    await redis.start()
    await reconnected(store)

    expect(await queue.add([kept, task, task])).toMatchObject([{duplicate: true}, {id: task.id}, {duplicate: true}])
    expect((await inspector.stats()).totals).toMatchObject({ready: 2, addedTotal: 2})
  })

  it('is an error at once while it is away, for every verb', async () => {
    const redis = await openOwnRedis()
    const {store, queue, inspector} = await openTestStore({redisUrl: redis.url})
    const claim = await hold(queue)
    await redis.kill()
    await expect.poll(() => store.redis.status).not.toBe('ready')

    const unavailable = {code: 'redis_unavailable'}
    await expect(queue.add([aTask()])).rejects.toMatchObject(unavailable)
    await expect(queue.claim(claimOptions)).rejects.toMatchObject(unavailable)
    await expect(queue.settle([complete(claim)], keepAll)).rejects.toMatchObject(unavailable)
    await expect(queue.extend([{id: 'a', attempt: 1}], 1)).rejects.toMatchObject(unavailable)
    await expect(queue.purge(['a'], {states: ['dead']})).rejects.toMatchObject(unavailable)
    await expect(queue.revive(['a'], {states: ['dead']})).rejects.toMatchObject(unavailable)
    await expect(inspector.find(['a'])).rejects.toMatchObject(unavailable)
    await expect(inspector.page({limit: 1})).rejects.toMatchObject(unavailable)
    await expect(inspector.stats()).rejects.toMatchObject(unavailable)
    await expect(store.queueNames()).rejects.toMatchObject(unavailable)
    await expect(store.ping()).rejects.toMatchObject(unavailable)
  })

  it('is an error for a command that comes after, too: nothing was sent', async () => {
    const redis = await openOwnRedis()
    const {store, queue} = await openTestStore({redisUrl: redis.url, profile: 'command'})
    await queue.add([aTask()])
    await redis.kill()
    await expect.poll(() => store.redis.status).toBe('end')

    await expect(queue.add([aTask()])).rejects.toMatchObject({code: 'redis_unavailable'})
  })

  it('loses nothing that it has answered, though it writes to its disk once a second only', async () => {
    const redis = await openOwnRedis('--appendonly', 'yes', '--appendfsync', 'everysec')
    const {store, queue, inspector} = await openTestStore({redisUrl: redis.url})
    const claim = await hold(queue)
    await queue.add(Array.from({length: 300}, () => aTask()))
    await queue.settle([complete(claim)], keepAll)
    await redis.kill()
    await redis.start()
    await reconnected(store)

    expect((await inspector.stats()).totals).toMatchObject({ready: 300, delivered: 1, active: 0, addedTotal: 301})
    expect((await queue.claim(claimOptions)).claims).toHaveLength(300)
  })

  it('and comes back empty, takes tasks again', async () => {
    const redis = await openOwnRedis()
    const {store, queue, inspector} = await openTestStore({redisUrl: redis.url})
    const claim = await hold(queue)
    await redis.kill()
    await redis.start()
    await reconnected(store)

    expect(await queue.settle([complete(claim)], keepAll)).toHaveLength(1)
    expect(await queue.add([aTask()])).toMatchObject([{duplicate: false}])
    expect((await inspector.stats()).totals).toMatchObject({ready: 1, delivered: 0, addedTotal: 1})
  })
})

describe('a Redis that hangs', () => {
  it('is given up on in time; what it does later is not done twice', async () => {
    const redis = await openOwnRedis()
    const {store, queue, inspector} = await openTestStore({redisUrl: redis.url, profile: 'endpoint'})
    await queue.add([aTask()])
    const task = aTask()
    redis.pause()
    const start = performance.now()

    await expect(queue.add([task])).rejects.toMatchObject({code: 'outcome_unknown'})
    const tookMs = performance.now() - start
    redis.resume()
    await untilDone(() => store.ping())

    expect(tookMs).toBeLessThan(8_000)
    expect(await queue.add([task])).toMatchObject([{id: task.id, duplicate: true}])
    expect((await inspector.stats()).totals).toMatchObject({ready: 2, addedTotal: 2})
  })
})
