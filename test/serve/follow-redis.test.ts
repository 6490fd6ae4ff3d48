import {once} from 'node:events'
import {type AddressInfo, createServer} from 'node:net'
import {expect, it, onTestFinished} from 'vitest'

import {followRedis} from '../../src/serve/follow-redis.js'
import {EgressPolicy} from '../../src/task/address.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it('followRedis keeps hooks from Redis by its address where it was given by name, from its replicas, and from where it was', async () => {
  const [port, replicaPort] = [await freePort(), await freePort()]
  const primary = await openOwnRedis('--port', String(port), '--repl-diskless-sync-delay', '0')
  await openOwnRedis('--port', String(replicaPort), '--replicaof', '127.0.0.1', String(port))
  const {store} = await openTestStore({redisUrl: `redis://localhost:${port}`})
  await expect.poll(() => store.redis.info('replication'), patiently).toContain('state=online')
  const policy = new EgressPolicy({mode: 'internal'})

  const unfollow = await followRedis(`redis://localhost:${port}`, store.redis, policy)
  onTestFinished(unfollow)

  const judged = (address: string, at: number) => policy.judge(address, at, 'alias.test') === null
  const denied = () => [judged('127.0.0.1', port), judged('127.0.0.1', replicaPort), judged('127.0.0.1', 1)]
  expect(denied()).toEqual([false, false, true])
  await primary.kill()
  expect(denied()).toEqual([false, false, true])
})
