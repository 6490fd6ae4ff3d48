import {describe, expect, inject, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {openDispatcher} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {openRefusingRedis} from '../support/refusing-redis.js'
import {canMount, openSmallDiskRedis} from '../support/small-disk-redis.js'
import {untilDone} from '../support/until-done.js'

/** A dispatcher with one call under way that ends when told, and another connection that adds, as the endpoint's does. */
async function openCalling(redisUrl: string) {
  let end = () => {}
  const ended = new Promise<object>((resolve) => (end = () => resolve({})))
  const receiver = await openReceiver((_call, index) => (index === 0 ? ended : {}))
  const opened = await openDispatcher({redisUrl, leaseMs: 600})
  const {queue} = await openTestStore({clock: undefined, redisUrl, namespace: opened.namespace, profile: 'endpoint'})
  const add = () => queue.add([newTask({url: receiver.url()})])
  await add()
  await receiver.received(1)
  const totals = async () => (await opened.inspector.stats()).totals
  return {...opened, receiver, add, end, totals}
}

describe('Dispatcher, while Redis answers', () => {
  it.each([
    'LOADING Redis is loading the dataset in memory',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    "READONLY You can't write against a read only replica.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'CLUSTERDOWN The cluster is down',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'NOREPLICAS Not enough good replicas to write.',
    'MISCONF Errors writing to the AOF file: No space left on device',
  ])('waits without haste, lets no task in, and calls nothing twice when it is over: %s', async (error) => {
    const redis = await openRefusingRedis(inject('redisUrl'))
    const {receiver, add, end, totals, log} = await openCalling(redis.url)
    redis.refuse(error)
    end()

    await expect(add()).rejects.toMatchObject({code: 'redis_unavailable'})
    await expect.poll(() => log.saying('Redis is away'), patiently).toHaveLength(1)
    const [start, before] = [performance.now(), redis.refused]
    await expect.poll(() => performance.now() - start, patiently).toBeGreaterThan(100)
    const asked = redis.refused - before
    redis.serve()
    await untilDone(add)
    await receiver.received(2)

    await expect.poll(totals, patiently).toMatchObject({delivered: 2, addedTotal: 2, active: 0})
    await expect.poll(() => log.saying('Redis is back'), patiently).toHaveLength(1)
    expect(receiver.calls).toHaveLength(2)
    expect(log.saying('lease_lost')).toEqual([])
    // Reconnecting after READONLY takes a few commands more.
    expect(asked).toBeLessThan(25)
  })
})

describe.skipIf(!canMount)('Dispatcher, while the disk of Redis is full (skipped: only root on Linux can mount one)', () => {
  it('lets no task in, writes its verdict when there is room again, and calls nothing twice', async () => {
    const redis = await openSmallDiskRedis('everysec')
    const {receiver, add, end, totals, log} = await openCalling(redis.url)
    redis.fill()
    // The first ones may still be taken, into memory.
    const refused = async () =>
      add().then(
        () => '',
        ({code, message}: {code: string; message: string}) => `${code} ${message}`,
      )
    await expect.poll(refused, patiently).toMatch(/^redis_unavailable .*MISCONF/)
    end()
    await expect.poll(() => log.saying('Redis is away'), patiently).toHaveLength(1)
    const added = (await totals()).addedTotal
    redis.makeRoom()

    await untilDone(add)
    await expect.poll(totals, patiently).toMatchObject({delivered: added + 1, addedTotal: added + 1, active: 0})

    expect(receiver.calls).toHaveLength(added + 1)
    expect(log.saying('lease_lost')).toEqual([])
  })

  it('outlasts a Redis that ends over it, and nothing that was taken is lost', async () => {
    const redis = await openSmallDiskRedis('always')
    const {receiver, add, end, totals, log} = await openCalling(redis.url)
    redis.fill()
    // What is left of the last page takes some.
    let taken = 1
    const answer = () =>
      add().then(
        () => ((taken += 1), 'taken'),
        ({code}: {code: string}) => code,
      )
    await expect.poll(answer, patiently).toMatch(/^(outcome_unknown|redis_unavailable)$/)
    end()
    await redis.kill()
    redis.makeRoom()
    await redis.start()
    await expect.poll(answer, patiently).toBe('taken')

    await expect.poll(totals, patiently).toMatchObject({active: 0, ready: 0})
    const {delivered, addedTotal} = await totals()
    expect(addedTotal).toBeGreaterThanOrEqual(taken)
    expect([delivered, receiver.calls.length]).toEqual([addedTotal, addedTotal])
    expect(log.saying('lease_lost')).toEqual([])
  })
})
