import {TorqueError} from '../errors.js'
import type {Store} from '../queue/store.js'
import type {TaskRecord} from '../task/task.js'

export function noSuchTask(id: string): TorqueError {
  return new TorqueError('no_such_task', `there is no task ${JSON.stringify(id)}`, {
    id,
    hint: 'It never was, was purged, or ended long enough ago not to be kept.',
  })
}

export function ambiguousId(id: string, queues: readonly string[]): TorqueError {
  return new TorqueError('ambiguous_id', `the id ${JSON.stringify(id)} stands in several queues: ${queues.join(', ')}`, {
    id,
    hint: 'Name one with -q.',
  })
}

/** The one task of this id. Without a queue all are looked into. */
export async function findTask(store: Store, id: string, queue: string | undefined): Promise<TaskRecord> {
  const [record, ...others] = await store.inspector.find([id], {queue})
  if (!record) throw noSuchTask(id)
  if (others.length > 0)
    throw ambiguousId(
      id,
      [record, ...others].map((each) => each.queue),
    )
  return record
}
