import {encodeRun, encodeTask} from '../../task/codec.js'
import type {PortableTask} from '../../task/portable-task.js'
import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

/** What became of a task that came from a file: a conflict is another task of its id, or with a key of it. */
export type ImportOutcome = 'imported' | 'unchanged' | 'conflict'

const script = new Script<ImportOutcome[]>('import')

/** Puts up to 500 tasks where they stood, in one step. One that is here already, or was and has ended, is left as it is. */
export async function importTasks(context: QueueContext, items: readonly PortableTask[]): Promise<ImportOutcome[]> {
  const tasks = items.map(({task}) => task)
  const keys = new BatchKeys(context.keys, tasks)
  const {wakeChannel, wakeMessage} = context
  const args: (string | number)[] = [scriptNow(context), wakeChannel, wakeMessage, keys.laneNames.length, ...keys.laneNames]
  for (const {task, createdAt, state, at, run} of items) {
    const isNew = run.attempts === 0 && run.lostLeases === 0 && run.history.length === 0
    const stored = createdAt.toString(36) + encodeTask(task)
    args.push(task.id, keys.lane(task), state, at, stored, isNew ? '' : encodeRun(run), task.fingerprint, keys.dedup(task))
  }
  return script.run(context.redis, keys.all, args)
}
