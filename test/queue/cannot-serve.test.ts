import {describe, expect, it} from 'vitest'

import type {TorqueError} from '../../src/errors.js'
import type {Queue} from '../../src/queue/queue.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {aTask} from '../support/tasks.js'

describe('a Redis that cannot serve now', () => {
  /** Adds a task again and again; resolves to what it was told until Redis took one. */
  async function toldUntilTaken(queue: Queue): Promise<string[]> {
    const told: string[] = []
    const answer = () =>
      queue.add([aTask()]).then(
        () => 'taken',
        ({code, message}: TorqueError) => (told.push(`${code}: ${message}`), code),
      )
    await expect.poll(answer, patiently).toBe('taken')
    return told
  }

  it('because it loads its data, says so, queues nothing, and takes tasks when it is done', async () => {
    const redis = await openOwnRedis('--key-load-delay', '20000', '--loading-process-events-interval-bytes', '1024')
    const {store, queue, inspector} = await openTestStore({redisUrl: redis.url, profile: 'endpoint'})
    await queue.add(Array.from({length: 20}, (_, index) => aTask({flowKey: `lane ${index} ${'x'.repeat(200)}`})))
    await store.redis.save()
    await redis.kill()

    const [told] = await Promise.all([toldUntilTaken(queue), redis.start()])

    expect(told).toContainEqual(expect.stringMatching(/^redis_unavailable: Redis cannot serve this now: LOADING/))
    expect((await inspector.stats()).totals.addedTotal).toBe(21)
  })

  it('because a script of others runs, says so, queues nothing, and takes tasks when that is over', async () => {
    const redis = await openOwnRedis('--lua-time-limit', '10')
    const {store, queue, inspector} = await openTestStore({redisUrl: redis.url, profile: 'endpoint'})
    const other = await openTestStore({redisUrl: redis.url})
    await queue.add([aTask()])
    const running = other.store.redis.eval('while true do end', 0).catch(() => {})

    const pinged = () => store.ping().then(() => '', String)
    await expect.poll(pinged, patiently).toContain('BUSY')
    await expect(queue.add([aTask()])).rejects.toMatchObject({
      code: 'redis_unavailable',
      message: expect.stringContaining('BUSY') as string,
    })
    await store.redis.script('KILL')
    await running

    expect(await toldUntilTaken(queue)).toEqual([])
    expect((await inspector.stats()).totals.addedTotal).toBe(2)
  })
})
