import {describe, expect, inject, it} from 'vitest'

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
