import type {RedisClient} from '../queue/redis/connect.js'
import type {ServerAddress} from '../queue/redis/redis-url.js'
import {serverAddresses} from '../queue/redis/server-addresses.js'
import type {EgressPolicy} from '../task/address.js'
import {ownAddresses} from './own-addresses.js'

/** Replicas come without a word: so often they are asked for, in ms. */
const lookEveryMs = 10_000

/** Enough for every node of a large cluster, and its predecessors. */
const mostSeen = 1_000

/**
 * Keeps hooks away from Redis wherever it goes: from where its URL says that it is, from where connections to it lead, and from its
 * replicas, one of which may be next. What was Redis once stays out of reach while this process lives. Resolves once it has looked, to
 * what ends it.
 */
export async function followRedis(redisUrl: string, redis: RedisClient, egress: EgressPolicy): Promise<() => void> {
  const named = ownAddresses(redisUrl)
  const seen = new Map<string, ServerAddress>()
  egress.setOwn('redis', named)
  const look = async () => {
    const known = seen.size
    for (const address of await serverAddresses(redis)) {
      if (seen.size < mostSeen) seen.set(`${address.host} ${address.port}`, address)
    }
    if (seen.size > known) egress.setOwn('redis', [...named, ...seen.values()])
  }
  const again = () => void look()
  redis.on('ready', again)
  const timer = setInterval(again, lookEveryMs).unref()
  await look()
  return () => {
    clearInterval(timer)
    redis.off('ready', again)
  }
}
