import {TorqueError} from '../errors.js'
import {parseQueueName} from '../task/queue-name.js'
import {quote} from '../task/quote.js'
import {ageFrom} from '../task/filter.js'
import type {TaskRecord, TaskState} from '../task/task.js'
import type {Store} from './store.js'

export interface FoundTask {
  id: string
  queue: string
  state: TaskState
  /** From when its age counts, ms since the epoch. */
  ageFrom: number
}

export interface FoundTasks {
  tasks: FoundTask[]
  /** Ids that no task has. */
  missing: string[]
}

/** Records come with their payloads, of up to a MiB each: only so many are held at a time. */
const findSize = 50

/** A queue that may be looked into: `default` always exists, another one once it had a task. Undefined, for all of them, passes. */
export async function knownQueue<Name extends string | undefined>(store: Store, name: Name): Promise<Name> {
  if (name === undefined || parseQueueName(name) === 'default') return name
  if ((await store.queueNames()).includes(name)) return name
  throw new TorqueError('no_such_queue', `there is no queue ${quote(name)}`, {
    field: 'queue',
    hint: 'A queue comes into being with its first task.',
  })
}

/** The one task of this id. Without a queue all are looked into. Throws `no_such_task` or `ambiguous_id`. */
export async function findTask(store: Store, id: string, queue: string | undefined): Promise<TaskRecord> {
  const [record, twin] = await store.inspector.find([id], {queue})
  if (!record) throw noSuchTask(id)
  if (twin) throw ambiguousId(id, [record.queue, twin.queue])
  return record
}

/** The tasks of these ids, and the ids that no task has. One that stands in two queues is refused before anything is done. */
export async function findTasks(store: Store, ids: readonly string[], queue: string | undefined): Promise<FoundTasks> {
  const found = new Map<string, FoundTask>()
  for (let start = 0; start < ids.length; start += findSize) {
    for (const record of await store.inspector.find(ids.slice(start, start + findSize), {queue})) {
      const task = {id: record.task.id, queue: record.queue, state: record.state, ageFrom: ageFrom(record)}
      const twin = found.get(task.id)
      if (twin) throw ambiguousId(task.id, [twin.queue, task.queue])
      found.set(task.id, task)
    }
  }
  return {tasks: [...found.values()], missing: ids.filter((id) => !found.has(id))}
}

export function noSuchTask(id: string): TorqueError {
  return new TorqueError('no_such_task', `there is no task ${quote(id)}`, {
    id,
    hint: 'It never was, was purged, or ended long enough ago not to be kept.',
  })
}

function ambiguousId(id: string, queues: readonly string[]): TorqueError {
  return new TorqueError('ambiguous_id', `the id ${quote(id)} stands in several queues: ${queues.join(', ')}`, {
    id,
    hint: 'Name one of them with it.',
  })
}
