import type {Task, TaskState} from '../../task/task.js'
import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<number[]>('revive')

/** Revives those of up to 500 tasks that are in one of `states`, and dead, retrying or scheduled. Resolves to the ids it changed. */
export async function revive(context: QueueContext, tasks: readonly Task[], states: readonly TaskState[]): Promise<string[]> {
  const keys = new BatchKeys(context.keys, tasks)
  const items = tasks.flatMap((task) => [task.id, keys.lane(task), keys.dedup(task)])
  const {wakeChannel, name} = context
  const args = [scriptNow(context), wakeChannel, name, states.join(','), keys.laneNames.length, ...keys.laneNames, ...items]
  const changed = await script.run(context.redis, keys.all, args)
  return changed.flatMap((index) => tasks[index - 1]?.id ?? [])
}
