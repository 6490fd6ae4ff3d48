import {TorqueError} from '../../errors.js'
import {encodeTask} from '../../task/codec.js'
import type {NewTask, TaskState} from '../../task/task.js'
import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<[outcome: 'new' | 'duplicate' | 'conflict', id: string, state: TaskState, due: string][]>('add')

/** What an add answers for one task. */
export interface AddResult {
  id: string
  queue: string
  state: TaskState
  /** Ms since the epoch; null once the task is active or has ended. */
  dueAt: number | null
  /** True: the same request had been made before, and nothing was added. */
  duplicate: boolean
}

/** Adds up to 500 tasks in one step: all of them, or on an error none. An `idempotency_conflict` stands in its task's place. */
export async function add(context: QueueContext, tasks: readonly NewTask[]): Promise<(AddResult | TorqueError)[]> {
  const keys = new BatchKeys(context.keys, tasks)
  const items = tasks.flatMap((task) => [
    task.id,
    keys.lane(task),
    'at' in task.due ? task.due.at : `+${task.due.delayMs}`,
    task.dedupKeys.map((key) => `\t${key}`).join(''),
    encodeTask(task),
    task.fingerprint,
    keys.dedup(task),
  ])
  const replies = await script.run(context.redis, keys.all, [
    scriptNow(context),
    context.wakeChannel,
    context.name,
    keys.laneNames.length,
    ...keys.laneNames,
    ...items,
  ])
  return replies.map(([outcome, id, state, due]) => {
    if (outcome === 'conflict') return conflict(id)
    return {id, queue: context.name, state, dueAt: due === '' ? null : Number(due), duplicate: outcome === 'duplicate'}
  })
}

function conflict(id: string): TorqueError {
  return new TorqueError('idempotency_conflict', `another request with other content has this key or id; its task is ${id}`, {id})
}
