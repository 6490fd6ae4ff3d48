import {TorqueError} from '../errors.js'
import type {Store} from '../queue/store.js'
import {parseQueueName} from '../task/new-task.js'
import {quote} from '../task/quote.js'
import type {TaskRecord} from '../task/task.js'

/** A queue that may be looked into: `default` always exists, another one once it had a task. Undefined, for all of them, passes. */
export async function knownQueue<Name extends string | undefined>(store: Store, name: Name): Promise<Name> {
  if (name === undefined || parseQueueName(name) === 'default') return name
  if ((await store.queueNames()).includes(name)) return name
  throw new TorqueError('no_such_queue', `there is no queue ${quote(name)}`, {field: 'queue'})
}

/** The one task of this id. Without a queue all are looked into. */
export async function findTask(store: Store, id: string, queue: string | undefined): Promise<TaskRecord> {
  const {records, missing} = await findTasks(store, [id], queue)
  const [record] = records
  if (!record || missing.length > 0) throw noSuchTask(id)
  return record
}

/** Records come with their payloads: only so many are held at a time. */
const findSize = 500

/** The tasks of these ids, and the ids that no task has. One that stands in two queues is refused. */
export async function findTasks(store: Store, ids: readonly string[], queue: string | undefined) {
  const found = new Map<string, TaskRecord>()
  for (let start = 0; start < ids.length; start += findSize) {
    for (const record of await store.inspector.find(ids.slice(start, start + findSize), {queue})) {
      const twin = found.get(record.task.id)
      if (twin) throw ambiguousId(record.task.id, [twin.queue, record.queue])
      found.set(record.task.id, record)
    }
  }
  return {records: [...found.values()], missing: ids.filter((id) => !found.has(id))}
}

export function noSuchTask(id: string): TorqueError {
  return new TorqueError('no_such_task', `there is no task ${quote(id)}: it never was, was purged, or is no longer kept`, {id})
}

function ambiguousId(id: string, queues: readonly string[]): TorqueError {
  return new TorqueError('ambiguous_id', `the id ${quote(id)} stands in several queues: ${queues.join(', ')}`, {
    id,
    hint: 'name one with queue=',
  })
}
