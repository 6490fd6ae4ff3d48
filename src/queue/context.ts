import type {Clock} from '../clock.js'
import type {RedisClient} from './redis/connect.js'
import type {QueueKeys} from './keys.js'
import {redisError, unsent} from './redis/redis-error.js'

/** What every verb needs to know of the queue it works on. */
export interface QueueContext {
  redis: RedisClient
  keys: QueueKeys
  /** The queue's name. */
  name: string
  /** Channel on which dispatchers are told that a queue has something new to do. */
  wakeChannel: string
  /** What an add says there. */
  wakeMessage: string
  /** How many replicas must have an add before it is answered; none unless given. */
  ackReplicas?: number | undefined
  /** Given in tests only: otherwise the scripts go by the time of Redis. */
  clock?: Clock | undefined
}

/** Most tasks one script call takes: what bounds how long Redis is held up by one. */
export const batchLimit = 500

/** The scripts' first argument. */
export function scriptNow({clock}: QueueContext): string {
  return clock ? String(clock.now()) : ''
}

/** Runs what is no script of a transition, as an error of torque: whatever became of the answer, no task was changed. */
export async function ask<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command()
  } catch (cause) {
    throw unsent(redisError(cause))
  }
}

/** What has a time: a queue, or what stands under one key. */
type Timed = Pick<QueueContext, 'clock' | 'redis'> & ({keys: Pick<QueueKeys, 'tasks'>} | {key: string})

/** The time of Redis, ms since the epoch, for what is asked outside a script; in a cluster, that of the node which has it. */
export async function redisNow({clock, redis, ...rest}: Timed): Promise<number> {
  if (clock) return clock.now()
  const key = 'key' in rest ? rest.key : rest.keys.tasks
  const [seconds = 0, micros = 0] = await ask(() => (redis.serverOf?.(key) ?? redis).time())
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}

/** Runs a verb over any number of items, a batch at a time, and joins what it answers. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  run: (batch: readonly Item[]) => Promise<Result[]>,
): Promise<Result[]> {
  if (items.length <= batchLimit) return items.length === 0 ? [] : run(items)
  const results: Result[] = []
  for (let from = 0; from < items.length; from += batchLimit) results.push(...(await run(items.slice(from, from + batchLimit))))
  return results
}
