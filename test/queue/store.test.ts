import {once} from 'node:events'
import {type AddressInfo, createServer} from 'node:net'
import {describe, expect, inject, it, onTestFinished} from 'vitest'

import {Store} from '../../src/queue/store.js'
import {claimOptions} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {aTask} from '../support/tasks.js'

describe('Store', () => {
  it('names every queue that had a task, and the default one, sorted', async () => {
    const {store} = await openTestStore()
    for (const name of ['mails', 'a']) await store.queue(name).add([aTask({queue: name})])

    expect(await store.queueNames()).toEqual(['a', 'default', 'mails'])
  })

  it('keeps namespaces apart', async () => {
    const [one, other] = [await openTestStore(), await openTestStore()]
    const task = aTask()
    await one.queue.add([task])

    expect(await other.inspector.find([task.id])).toEqual([])
    expect(await other.queue.add([task])).toMatchObject([{duplicate: false}])
  })

  it('has one Queue per name', async () => {
    const {store} = await openTestStore()

    expect(store.queue('mails')).toBe(store.queue('mails'))
    expect(store.queue('mails').name).toBe('mails')
  })

  it('closes once what is in flight is answered, and twice without harm', async () => {
    const {namespace} = await openTestStore()
    const store = await Store.open({redisUrl: inject('redisUrl'), namespace, profile: 'endpoint'})
    const claim = () => store.queue('default').claim({...claimOptions, limit: 1})
    await store.queue('default').add([aTask(), aTask()])
    await claim()

    const claiming = claim()
    await store.close()
    await store.close()

    expect((await claiming).claims).toHaveLength(1)
  })

  it('refuses a URL that is none', async () => {
    await expect(Store.open({redisUrl: 'nonsense', namespace: 'a', profile: 'command'})).rejects.toMatchObject({
      code: 'invalid_option',
    })
  })

  it('names no queue whose name no torque gave', async () => {
    const {store, namespace} = await openTestStore()
    const woken: string[] = []
    const subscription = await store.onWake((name) => woken.push(name))
    await store.redis.sadd(`${namespace}:queues`, 'Bad name', '../x', 'mails')
    for (const name of ['Bad name', '', 'mails']) await store.redis.publish(`${namespace}:wake`, name)

    await expect.poll(() => woken).toContain('mails')
    subscription.stop()
    expect(woken).toEqual(['mails'])
    expect(await store.queueNames()).toEqual(['default', 'mails'])
  })

  it('gives up a subscription that Redis refuses, and its connection with it', async () => {
    const redis = await openOwnRedis()
    const {store} = await openTestStore({redisUrl: redis.url})
    await store.redis.call('ACL', 'SETUSER', 'default', '-subscribe')

    await expect(store.onWake(() => {})).rejects.toMatchObject({name: 'TorqueError', code: 'redis_unavailable'})

    const connections = async () =>
      String(await store.redis.call('CLIENT', 'LIST'))
        .trim()
        .split('\n').length
    await expect.poll(connections).toBe(1)
  })

  it('gives up a subscription that Redis never answers', async () => {
    const url = await openDeafRedis()
    const {store} = await openTestStore({redisUrl: url})

    await expect(store.onWake(() => {})).rejects.toMatchObject({name: 'TorqueError', code: 'redis_unavailable'})
  })

  it('tells a setting that Redis keeps to itself from an answer that never came', async () => {
    const redis = await openOwnRedis()
    const {store} = await openTestStore({redisUrl: redis.url, profile: 'endpoint'})
    expect(await store.config('maxmemory-policy')).toBe('noeviction')
    await store.redis.call('ACL', 'SETUSER', 'default', '-config')
    expect(await store.config('maxmemory-policy')).toBeUndefined()

    await redis.kill()

    await expect(store.config('maxmemory-policy')).rejects.toMatchObject({code: 'redis_unavailable'})
  })

  it('throws only errors of torque once its connection has ended', async () => {
    const {store, queue, clock} = await openTestStore()
    await store.close()
    const bare = await openTestStore({clock: undefined})
    await bare.store.close()
    const info = {id: 'a', pid: 7, host: 'h', version: '1.0.0', inFlight: 3, maxErrors: 4, timeoutMs: 5000}
    const asked = [
      () => store.processes.live(),
      () => store.processes.announce(info),
      () => store.processes.remove('a'),
      () => queue.pruneDead(1),
      () => bare.store.now(),
    ]

    for (const ask of asked) await expect(ask()).rejects.toMatchObject({name: 'TorqueError', code: 'redis_unavailable'})
    expect(await store.now()).toBe(clock.now())
  })

  it('wakes nobody after `stop`, and goes on waking after Redis was away', async () => {
    const redis = await openOwnRedis()
    const {store} = await openTestStore({redisUrl: redis.url})
    const [woken, stopped]: string[][] = [[], []]
    const subscription = await store.onWake((queue) => woken!.push(queue))
    ;(await store.onWake((queue) => stopped!.push(queue))).stop()
    await redis.kill()
    await redis.start()

    const add = () => store.queue('mails').add([aTask({queue: 'mails'})])
    await expect.poll(async () => (await add().catch(() => {}), woken)).toContain('mails')

    expect(stopped).toEqual([])
    subscription.stop()
  })
})

/** What takes every connection and command, but never answers a subscription. */
async function openDeafRedis(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const commands = String(data).match(/^\*\d+/gm) ?? []
      if (!/subscribe/i.test(String(data))) socket.write('+OK\r\n'.repeat(commands.length))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
}
