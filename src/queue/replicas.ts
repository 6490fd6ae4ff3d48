import type {Redis} from 'ioredis'

import {TorqueError} from '../errors.js'
import type {RedisClient} from './redis/connect.js'
import {type QueueContext, ask} from './context.js'
import {redisError} from './redis/redis-error.js'
import type {Sent} from './redis/script-call.js'

/** How long replicas are waited for, in ms: with the write itself it must fit into the 2 s of an answer. */
export const replicaWaitMs = 1_000

/**
 * Resolves when so many replicas have what was written over a socket. Throws `outcome_unknown` where they do not say so in time: it
 * is written, and may be lost with its server.
 */
export async function awaitReplicas(redis: RedisClient, sent: Sent, replicas: number): Promise<void> {
  const have = await asUnknown(() => serverOf(redis, sent).wait(replicas, replicaWaitMs))
  if (have >= replicas) return
  throw new TorqueError(
    'outcome_unknown',
    `only ${have} of ${replicas} replicas have confirmed the write within ${replicaWaitMs} ms`,
  )
}

/**
 * A write that changes nothing. WAIT goes by what its own connection wrote last: an add that had been made before, over another one,
 * would have nothing to wait for.
 */
export async function touch({redis, keys}: QueueContext, sent: Sent): Promise<void> {
  await asUnknown(() => serverOf(redis, sent).hincrby(keys.counters, 'addedTotal', 0))
}

/** How many replicas a server has at this moment. */
export async function connectedReplicas(server: RedisClient): Promise<number> {
  const info = await ask(() => server.info('replication'))
  return Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0)
}

/** The connection that has that socket: a new one to the same server knows nothing of what went over the old one. */
function serverOf(redis: RedisClient, {socket}: Sent): Redis {
  const server = (redis.servers?.() ?? [redis]).find(({stream}) => stream === socket)
  if (server?.status === 'ready') return server
  throw new Error('the connection ended before replicas had confirmed the write')
}

/** Whatever went wrong with the question, the write was made. */
async function asUnknown<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (cause) {
    const error = redisError(cause)
    const message = error instanceof TorqueError ? error.message : String(error)
    throw new TorqueError('outcome_unknown', `it is not known whether replicas have the write: ${message}`, {cause})
  }
}
