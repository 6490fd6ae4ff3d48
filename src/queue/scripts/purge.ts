import type {Task, TaskState} from '../../task/task.js'
import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, ask, batchLimit, redisNow, scriptNow} from '../context.js'
import {Script} from '../script.js'
import {purgedMessage} from '../wake-channel.js'

const script = new Script<number[]>('purge')

/** Deletes those of up to 500 tasks that are in one of `states`. Resolves to the ids it deleted. */
export async function purge(context: QueueContext, tasks: readonly Task[], states: readonly TaskState[]): Promise<string[]> {
  const keys = new BatchKeys(context.keys, tasks)
  const items = tasks.flatMap((task) => [task.id, keys.lane(task), keys.dedup(task)])
  const args = [
    scriptNow(context),
    states.join(','),
    context.wakeChannel,
    purgedMessage(context.name),
    keys.laneNames.length,
    ...keys.laneNames,
    ...items,
  ]
  const purged = await script.run(context.redis, keys.all, args)
  return purged.flatMap((index) => tasks[index - 1]?.id ?? [])
}

/** The ids of up to 500 tasks that died longer than `keepMs` ago, by the time of Redis. */
export async function deadBefore(context: QueueContext, keepMs: number): Promise<string[]> {
  const before = (await redisNow(context)) - keepMs
  return ask(() => context.redis.zrangebyscore(context.keys.dead, '-inf', before, 'LIMIT', 0, batchLimit))
}
