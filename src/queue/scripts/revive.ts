import {createHash} from 'node:crypto'

import {encodeTask} from '../../task/codec.js'
import type {Task, TaskState} from '../../task/task.js'
import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<number[]>('revive')

export interface Revived {
  task: Task
  /** What to put in its place, and the stored text that it was made of: where that is no longer stored, nothing is changed. */
  mended?: {task: Task; stored: string} | undefined
}

/** Revives those of up to 500 tasks that are in one of `states`, and dead, retrying or scheduled. Resolves to the ids it changed. */
export async function revive(context: QueueContext, items: readonly Revived[], states: readonly TaskState[]): Promise<string[]> {
  const keys = new BatchKeys(
    context.keys,
    items.flatMap(({task, mended}) => (mended ? [task, mended.task] : [task])),
  )
  const words = items.flatMap(({task, mended}) => [
    task.id,
    keys.lane(task),
    keys.dedup(task),
    keys.lane(mended?.task ?? task),
    mended ? digestOf(mended.stored) : '',
    mended ? encodeTask(mended.task) : '',
  ])
  const {wakeChannel, name} = context
  const args = [scriptNow(context), wakeChannel, name, states.join(','), keys.laneNames.length, ...keys.laneNames, ...words]
  const changed = await script.run(context.redis, keys.all, args)
  return changed.flatMap((index) => items[index - 1]?.task.id ?? [])
}

/** As Redis has it. */
function digestOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
