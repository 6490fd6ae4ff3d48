import {describe, expect, inject, it, vi} from 'vitest'

import {AddBatcher} from '../../src/queue/add-batcher.js'
import type {NewTask} from '../../src/task/task.js'
import {claimOne, complete} from '../support/attempts.js'
import {openCutProxy} from '../support/cut-proxy.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {aTask} from '../support/tasks.js'

/** A batcher, and how many scripts its Redis has run. */
async function openBatcher(redisUrl = inject('redisUrl')) {
  const opened = await openTestStore({redisUrl, profile: 'endpoint'})
  const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await opened.store.redis.info('commandstats'))?.[1] ?? 0)
  return {...opened, batcher: new AddBatcher(opened.queue), calls}
}

describe('AddBatcher', () => {
  it('answers each task with its own result', async () => {
    const {batcher} = await openBatcher()
    const [one, other] = [aTask({dedupKeys: ['k:a'], fingerprint: 'one'}), aTask({dedupKeys: ['k:a'], fingerprint: 'other'})]

    const answers = await Promise.all([one, other, one].map((task) => batcher.add(task)))

    expect(answers).toMatchObject([
      {id: one.id, duplicate: false},
      {code: 'idempotency_conflict', id: one.id},
      {id: one.id, duplicate: true},
    ])
  })

  it('sends what arrives together in one call', async () => {
    const {url} = await openOwnRedis()
    const {batcher, calls, inspector} = await openBatcher(url)
    await batcher.add(aTask())
    const before = await calls()

    await Promise.all(Array.from({length: 400}, () => batcher.add(aTask())))

    expect((await calls()) - before).toBe(1)
    expect((await inspector.stats()).totals.addedTotal).toBe(401)
  })

  it('sends what comes while a call is on its way in the next', async () => {
    const {url} = await openOwnRedis()
    const {batcher, calls} = await openBatcher(url)
    await batcher.add(aTask())
    const before = await calls()
    const first = batcher.add(aTask())
    await new Promise(setImmediate)

    await Promise.all([first, ...Array.from({length: 50}, () => batcher.add(aTask()))])

    expect((await calls()) - before).toBe(2)
  })

  it('takes more than one call can', async () => {
    const {batcher, inspector} = await openBatcher()

    const answers = await Promise.all(Array.from({length: 1201}, () => batcher.add(aTask())))

    expect(new Set(answers.map(({id}) => id)).size).toBe(1201)
    expect((await inspector.stats()).totals.addedTotal).toBe(1201)
  })

  it('has a task whose outcome was unknown found by its id also when it is no longer kept', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, batcher, queue, inspector, namespace} = await openBatcher(proxy.url)
    await queue.add([aTask({due: {delayMs: 1000}})])
    const [task, never] = [aTask(), aTask()]
    proxy.loseNextAnswer()
    const unknown = await batcher.add(task)
    const entry = `{${namespace}:default}:dedup:i:${task.id}`
    await expect.poll(() => store.redis.pttl(entry).catch(() => 0), patiently).toBeGreaterThan(0)
    await queue.settle([complete(await claimOne(queue))], {keepDelivered: 0})

    const resend = (each: NewTask) => batcher.add({...each, dedupKeys: [`i:${each.id}`], fingerprint: 'of the fields'})
    const answers = [await resend(task), await resend(never)]

    expect(unknown).toMatchObject({code: 'outcome_unknown', id: task.id})
    expect(answers).toMatchObject([
      {id: task.id, duplicate: true, state: 'delivered', dueAt: null},
      {id: never.id, duplicate: false},
    ])
    expect((await inspector.stats()).totals.addedTotal).toBe(3)
  })

  it('remembers no task that was never added', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {store, batcher, queue, namespace} = await openBatcher(proxy.url)
    await queue.add([aTask()])
    const task = aTask()
    proxy.loseNextRequest()
    await batcher.add(task)
    const [remembered, entry] = [vi.spyOn(queue, 'remember'), `{${namespace}:default}:dedup:i:${task.id}`]
    await expect.poll(() => remembered.mock.settledResults.at(-1)?.type, patiently).toBe('fulfilled')

    expect(await store.redis.exists(entry)).toBe(0)
    expect(await batcher.add({...task, dedupKeys: [`i:${task.id}`]})).toMatchObject({duplicate: false})
  })

  it('names the task whose outcome is unknown, and refuses those that were never sent', async () => {
    const proxy = await openCutProxy(inject('redisUrl'))
    const {batcher, queue} = await openBatcher(proxy.url)
    await queue.add([aTask()])
    const [sent, behind] = [aTask(), aTask()]
    proxy.loseNextAnswer()
    const sending = batcher.add(sent)
    await new Promise(setImmediate)

    const answers = await Promise.all([sending, batcher.add(behind)])

    expect(answers).toMatchObject([{code: 'outcome_unknown', id: sent.id}, {code: 'redis_unavailable'}])
  })

  it('takes tasks again when Redis does', async () => {
    const own = await openOwnRedis()
    const {batcher, store} = await openBatcher(own.url)
    await own.kill()
    await expect.poll(() => store.redis.status).not.toBe('ready')
    const refused = await batcher.add(aTask())
    await own.start()
    await expect.poll(() => store.redis.status).toBe('ready')

    expect(refused).toMatchObject({code: 'redis_unavailable'})
    expect(await batcher.add(aTask())).toMatchObject({duplicate: false})
  })

  it('does not let a task whose lane Redis cannot use fail those that came with it', async () => {
    const {batcher, store, namespace} = await openBatcher()
    await store.redis.set(`{${namespace}:default}:lane:foreign`, 'not a sorted set')

    const answers = await Promise.all([aTask(), aTask({flowKey: 'foreign'}), aTask()].map((task) => batcher.add(task)))

    expect(answers).toMatchObject([{duplicate: false}, {code: 'internal'}, {duplicate: false}])
  })

  it('says queue_full for all of a batch', async () => {
    const {url} = await openOwnRedis()
    const {batcher, store} = await openBatcher(url)
    await batcher.add(aTask())
    await store.redis.config('SET', 'maxmemory', '1')

    expect(await Promise.all([batcher.add(aTask()), batcher.add(aTask())])).toMatchObject(Array(2).fill({code: 'queue_full'}))
  })

  it('refuses what would wait beyond its bytes, and takes tasks again once the others are sent', async () => {
    const {queue, inspector} = await openTestStore({profile: 'endpoint'})
    const batcher = new AddBatcher(queue, {maxWaitingBytes: 10_000})
    const large = aTask({payload: {kind: 'body', text: 'x'.repeat(7_000), contentType: 'text/plain'}})

    const answers = await Promise.all([aTask(), large, aTask(), aTask()].map((task) => batcher.add(task)))
    const after = await batcher.add(aTask())

    const refused = {code: 'redis_unavailable', status: 503}
    expect(answers).toMatchObject([{state: 'ready'}, {state: 'ready'}, refused, refused])
    expect(after).toMatchObject({state: 'ready'})
    expect((await inspector.stats()).totals.addedTotal).toBe(3)
  })

  it('forgets what waited when Redis is away', async () => {
    const own = await openOwnRedis()
    const {queue, store} = await openTestStore({redisUrl: own.url, profile: 'endpoint'})
    const batcher = new AddBatcher(queue, {maxWaitingBytes: 3_000})
    await own.kill()
    await expect.poll(() => store.redis.status).not.toBe('ready')

    for (let times = 0; times < 3; times++) {
      expect(await Promise.all([batcher.add(aTask()), batcher.add(aTask())])).toMatchObject(
        Array(2).fill({code: 'redis_unavailable', message: expect.not.stringMatching(/keep up/)}),
      )
    }
  })

  it('tells when it has sent, once for each call', async () => {
    const {queue} = await openTestStore({profile: 'endpoint'})
    let told = 0
    const batcher = new AddBatcher(queue, {onSent: () => void told++})

    await Promise.all([batcher.add(aTask()), batcher.add(aTask())])
    await new Promise(setImmediate)

    expect(told).toBe(1)
  })
})
