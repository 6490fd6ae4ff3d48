import type {TorqueError} from '../../errors.js'
import type {TaskFields} from '../../task/fields.js'
import type {AddView, TaskView} from '../../task/view.js'

/** How far a task has come, as whoever waits for it wants to know. */
export type TaskProgress = Pick<TaskView, 'state' | 'dueAt' | 'attempt' | 'errors' | 'lastError'>

/** Where `add` puts tasks: straight into Redis, over HTTP, or nowhere. */
export interface TaskDoor {
  /** A result for each, in order. Throws when none of them is known to be in. */
  add(tasks: readonly TaskFields[]): Promise<(AddView | TorqueError)[]>
  /** Null when there is no such task (any more). */
  progress(id: string, queue: string): Promise<TaskProgress | null>
}
