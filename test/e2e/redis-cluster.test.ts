import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'

import {followRedis} from '../../src/serve/follow-redis.js'
import {EgressPolicy} from '../../src/task/address.js'
import {openTestStore} from '../support/open-store.js'
import {type ClusterNode, RedisCluster} from '../support/redis-cluster.js'
import {rowsOf, openTorque} from '../support/torque.js'

let cluster: RedisCluster
beforeAll(async () => void (cluster = await RedisCluster.start()))
afterAll(() => cluster?.group.stop())

/** Names of queues of a namespace, one on each of the three masters. */
async function queuesApart(namespace: string): Promise<string[]> {
  const found = new Map<ClusterNode, string>()
  for (let number = 0; found.size < 3; number++) {
    const node = await cluster.ownerOf(await slotOf(namespace, `q${number}`))
    if (!found.has(node)) found.set(node, `q${number}`)
  }
  return [...found.values()]
}

const slotOf = async (namespace: string, queue: string) =>
  Number(await cluster.nodes[0]!.redis.cluster('KEYSLOT', `{${namespace}:${queue}}`))

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
})
