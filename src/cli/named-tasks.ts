import {type SelectedTask, selectedTask} from '../queue/bulk.js'
import type {Store} from '../queue/store.js'
import {ambiguousId} from './find-task.js'

export interface NamedTasks {
  tasks: SelectedTask[]
  /** Ids that no task has. */
  missing: string[]
}

/** Records come with their payloads: only so many are held at a time. */
const findSize = 500

/** The tasks of these ids. An id that stands in two queues is refused before anything is done. */
export async function namedTasks(store: Store, ids: readonly string[], queue: string | undefined): Promise<NamedTasks> {
  const found = new Map<string, SelectedTask>()
  for (let start = 0; start < ids.length; start += findSize) {
    for (const record of await store.inspector.find(ids.slice(start, start + findSize), {queue})) {
      const task = selectedTask(record)
      const twin = found.get(task.id)
      if (twin) throw ambiguousId(task.id, [twin.queue, task.queue])
      found.set(task.id, task)
    }
  }
  return {tasks: [...found.values()], missing: ids.filter((id) => !found.has(id))}
}
