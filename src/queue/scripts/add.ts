import {TorqueError} from '../../errors.js'
import {encodeTask} from '../../task/codec.js'
import type {NewTask, TaskState} from '../../task/task.js'
import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'
import type {Sent} from '../redis/script-call.js'

const script = new Script<[now: string, dues: string, known: string[]]>('add')

/** What an add answers for one task. */
export interface AddResult {
  id: string
  queue: string
  state: TaskState
  /** Ms since the epoch; null once the task is active or has ended. */
  dueAt: number | null
  /** True: the same request had been made before, and nothing was added. */
  duplicate: boolean
  /** True: a waiting task with the same key has taken its content and due time. */
  replaced?: true
}

/** Adds up to 500 tasks in one step: all of them, or on an error none. An `idempotency_conflict` stands in its task's place. */
export async function add(context: QueueContext, tasks: readonly NewTask[]): Promise<(AddResult | TorqueError)[]> {
  const keys = new BatchKeys(context.keys, tasks)
  const {wakeChannel, wakeMessage, name, ackReplicas = 0} = context
  const args = [scriptNow(context), wakeChannel, wakeMessage, String(keys.laneNames.length), ...keys.laneNames]
  for (const task of tasks) {
    args.push(task.id, String(keys.lane(task)), dueText(task.due), encodeTask(task), task.fingerprint, dedupText(task, keys))
  }
  const sent: Sent | undefined = ackReplicas > 0 ? {} : undefined
  const [now, dues, known] = await script.run(context.redis, keys.all, args, sent)
  if (sent) {
    const {awaitReplicas, touch} = await import('../replicas.js')
    if (known.length > 0) await touch(context, sent)
    await awaitReplicas(context.redis, sent, ackReplicas)
  }
  return results(tasks, {queue: name, now: Number(now), dues: dues.split(','), known})
}

/** Indexes of the keys, and what is special about them. */
function dedupText(task: NewTask, keys: BatchKeys): string {
  if (task.dedupKeys.length === 0) return ''
  if (task.replaces) return `${keys.dedup(task)} r`
  return task.uniqueMs === undefined ? keys.dedup(task) : `${keys.dedup(task)} ${task.uniqueMs}`
}

function dueText(due: NewTask['due']): string {
  return 'at' in due ? String(due.at) : `+${due.delayMs}`
}

interface Reply {
  queue: string
  now: number
  dues: readonly string[]
  known: readonly string[]
}

function results(tasks: readonly NewTask[], {queue, now, dues, known}: Reply): (AddResult | TorqueError)[] {
  let at = 0
  return tasks.map(({id, dedupKeys}, index) => {
    const due = dues[index]
    if (due) return {id, queue, state: Number(due) <= now ? 'ready' : 'scheduled', dueAt: Number(due), duplicate: false}
    const [outcome, owner = '', state, dueAt] = known.slice(at, (at += 4))
    if (outcome === 'conflict') return conflict(owner)
    if (outcome === 'replaced')
      return {id: owner, queue, state: state as TaskState, dueAt: Number(dueAt), duplicate: false, replaced: true}
    // The same request, but by its key it is the task of another id than the one it asks for.
    if (outcome === 'duplicate' && owner !== id && dedupKeys.includes(`i:${id}`)) return otherId(owner, id)
    return {id: owner, queue, state: state as TaskState, dueAt: dueAt ? Number(dueAt) : null, duplicate: true}
  })
}

function conflict(id: string): TorqueError {
  return new TorqueError('idempotency_conflict', `another request with other content has this key or id; its task is ${id}`, {id})
}

function otherId(owner: string, id: string): TorqueError {
  return new TorqueError('idempotency_conflict', `this idempotency key is that of task ${owner}, not of ${id}`, {id: owner})
}
