import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'

import {followRedis} from '../../src/serve/follow-redis.js'
import {EgressPolicy} from '../../src/task/address.js'
import {bury, claimOptions, complete, hold, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {openReceiver} from '../support/receiver.js'
import {type ClusterNode, RedisCluster} from '../support/redis-cluster.js'
import {startServe} from '../support/serve.js'
import {SteadyLoad} from '../support/steady-load.js'
import {aTask} from '../support/tasks.js'
import {openTorque, rowsOf} from '../support/torque.js'

let cluster: RedisCluster
beforeAll(async () => void (cluster = await RedisCluster.start()))
afterAll(() => cluster?.group.stop())

const slotOf = async (namespace: string, queue: string) =>
  Number(await cluster.nodes[0]!.redis.cluster('KEYSLOT', `{${namespace}:${queue}}`))

/** Names of queues of a namespace, one on each of the three masters. */
async function queuesApart(namespace: string): Promise<[string, string, string]> {
  const found = new Map<ClusterNode, string>()
  for (let number = 0; found.size < 3; number++) {
    const node = await cluster.ownerOf(await slotOf(namespace, `q${number}`))
    if (!found.has(node)) found.set(node, `q${number}`)
  }
  return [...found.values()] as [string, string, string]
}

/** A serve with a steady load on a queue of each node. */
async function openLoad(args: readonly string[] = []) {
  const {namespace, store} = await openTestStore({redisUrl: cluster.url, clock: undefined})
  const queues = await queuesApart(namespace)
  const receiver = await openReceiver({delayMs: 5})
  const serve = await startServe({TORQUE_REDIS_URL: cluster.url, TORQUE_NAMESPACE: namespace}, args)
  const load = new SteadyLoad(serve, {receiver, queues})
  await load.more(50)
  const slots = await Promise.all(queues.map((queue) => slotOf(namespace, queue)))
  return {load, serve, store, slots: slots as [number, number, number]}
}

describe('on a Redis Cluster', () => {
  it('every command works over queues on different nodes', async () => {
    const {torque, json, env} = await openTorque({redisUrl: cluster.url})
    const queues = await queuesApart(env.TORQUE_NAMESPACE)
    for (const queue of queues) await torque(['add', 'http://127.0.0.1:9/', '--id', `in-${queue}`, '--delay', '1h', '-q', queue])
    const ids = queues.map((queue) => `in-${queue}`)

    expect(rowsOf((await torque(['list'])).stdout).map(([id]) => id)).toEqual(ids)
    expect(await json(['show', ids[1]!])).toMatchObject({id: ids[1], queue: queues[1], state: 'scheduled'})
    expect(await json(['retry', ...ids])).toMatchObject({matched: 3, changed: 3})
    expect(await json(['stats'])).toMatchObject({totals: {ready: 3, addedTotal: 3}})
    expect(await json(['purge', ...ids.slice(1), '--yes'])).toMatchObject({changed: 2})
    expect((await torque(['list', '--state', 'ready'])).stdout).toContain(ids[0])
  })

  it('no hook goes to any of the servers: masters and replicas', async () => {
    const {store} = await openTestStore({redisUrl: cluster.url, clock: undefined})
    const policy = new EgressPolicy({mode: 'internal'})
    onTestFinished(await followRedis(cluster.url, store.redis, policy))

    const judged = cluster.nodes.map(({port}) => policy.judge('127.0.0.1', port, 'alias.test'))

    expect(judged.filter((verdict) => verdict === null)).toEqual([])
    expect(policy.judge('127.0.0.1', 1, 'alias.test')).toBeNull()
  })

  it('a script that would fail in its middle while its slot is moved is refused before it begins', async () => {
    const {store, queue, namespace} = await openTestStore({redisUrl: cluster.url, clock: undefined})
    // Every key of the queue is there, and one of them holds the one lease that is extended.
    for (const end of [complete, bury]) await queue.settle([end(await hold(queue))], keepAll)
    await queue.settle([retry(await hold(queue), 60_000)], keepAll)
    const claim = await hold(queue)
    const held = [{id: claim.task.id, attempt: claim.attempt}]
    const slot = await slotOf(namespace, 'default')
    const from = await cluster.ownerOf(slot)
    const errors: unknown[] = []

    const to = cluster.masters.find((master) => master !== from)!
    await cluster.moveSlot(
      slot,
      to,
      async () => void errors.push(await queue.extend(held, 1_000).catch((error: unknown) => error)),
    )

    expect(errors).toMatchObject([{code: 'redis_unavailable'}, {code: 'redis_unavailable'}])
    expect(await queue.extend(held, 15_000)).toEqual([])
    expect(await queue.settle([complete(claim)], keepAll)).toEqual([])
    expect((await store.inspector.stats()).totals).toMatchObject({delivered: 2, dead: 1, retrying: 1, active: 0})
    expect((await queue.claim(claimOptions)).claims).toEqual([])
  })

  it(
    'calls each hook once while scripts are flushed, a replica takes over in order, and slots are moved',
    {timeout: 60_000},
    async () => {
      const {load, slots} = await openLoad()

      for (const {redis} of cluster.nodes) await redis.script('FLUSH')
      await load.more(50)
      await cluster.failOver(slots[0])
      await load.more(50)
      await cluster.moveSlot(slots[1], await cluster.ownerOf(slots[2]), () => new Promise((resolve) => setTimeout(resolve, 300)))
      await load.more(50)
      const calls = await load.end()

      expect([...calls.values()].filter((count) => count !== 1)).toEqual([])
      expect([...load.refusals.keys()].filter((code) => code !== 'redis_unavailable')).toEqual([])
    },
  )

  it(
    'loses nothing that was acknowledged when a master is killed, and goes on with the one that takes over',
    {timeout: 60_000},
    async () => {
      const {load, slots, store} = await openLoad(['--ack-replicas', '1', '--lease', '2s'])
      const master = await cluster.ownerOf(slots[0])

      await cluster.group.kill(master)
      const rest = cluster.nodes.filter((node) => node !== master)
      await cluster.untilMoved(slots[0], master, rest)
      // Until then there is no replica to confirm what is added.
      await cluster.restart(master)
      const start = performance.now()
      await load.more(50)
      const backMs = performance.now() - start
      const calls = await load.end()

      expect([...load.refusals.keys()].filter((code) => !['redis_unavailable', 'outcome_unknown'].includes(code))).toEqual([])
      expect([...calls.values()].filter((count) => count > 2)).toEqual([])
      expect(backMs).toBeLessThan(20_000)
      await expect.poll(async () => (await store.inspector.stats()).totals).toMatchObject({active: 0, dead: 0})
    },
  )
})

describe('an add that waits for replicas', () => {
  it('is answered when they have it, and not known where they do not say so; sent again it is confirmed', async () => {
    const {store, queue, namespace} = await openTestStore({
      redisUrl: cluster.url,
      clock: undefined,
      profile: 'endpoint',
      ackReplicas: 1,
    })
    const owner = await cluster.ownerOf(await slotOf(namespace, 'default'))
    const replica = await cluster.replicaOf(owner)
    const [first, task] = [aTask(), aTask()]
    expect(await queue.add([first])).toMatchObject([{id: first.id, duplicate: false}])
    replica.process.kill('SIGSTOP')

    const start = performance.now()
    await expect(queue.add([task])).rejects.toMatchObject({
      code: 'outcome_unknown',
      message: expect.stringContaining('0 of 1') as string,
    })
    expect(performance.now() - start).toBeGreaterThan(900)
    await expect(queue.add([first])).rejects.toMatchObject({code: 'outcome_unknown'})
    replica.process.kill('SIGCONT')

    expect(await queue.add([task])).toMatchObject([{id: task.id, duplicate: true}])
    expect((await store.inspector.stats()).totals).toMatchObject({ready: 2, addedTotal: 2})
  })
})
