import {TorqueError} from '../../errors.js'
import {addTasks} from '../../queue/add-tasks.js'
import type {Store} from '../../queue/store.js'
import type {TaskFields} from '../../task/fields.js'
import {newTask, type NewTaskOptions} from '../../task/new-task.js'
import type {NewTask} from '../../task/task.js'
import {addView, type AddView, isoInstant, taskView} from '../../task/view.js'
import type {TaskDoor, TaskProgress} from './task-door.js'

export interface StoreDoorOptions extends NewTaskOptions {
  /** Opens the store, once: only a task that is right needs a connection. */
  store: () => Promise<Store>
}

type Result = AddView | TorqueError

/** Straight into Redis. */
export class StoreDoor implements TaskDoor {
  readonly #options: StoreDoorOptions

  constructor(options: StoreDoorOptions) {
    this.#options = options
  }

  async add(fields: readonly TaskFields[]): Promise<Result[]> {
    const {store, ...rules} = this.#options
    const add = async (queue: string, tasks: NewTask[]) => (await store()).queue(queue).add(tasks)
    const outcomes = await addTasks({...rules, add}, fields, {read: (each) => each})
    return outcomes.map((outcome) => (outcome instanceof TorqueError ? outcome : addView(outcome)))
  }

  async progress(id: string, queue: string): Promise<TaskProgress | null> {
    const {inspector} = await this.#options.store()
    const [record] = await inspector.find([id], {queue})
    return record ? taskView(record, await inspector.limits()) : null
  }
}

/** Nowhere: says what would be added. */
export class DryRunDoor implements TaskDoor {
  readonly #options: NewTaskOptions

  constructor(options: NewTaskOptions) {
    this.#options = options
  }

  add(fields: readonly TaskFields[]): Promise<Result[]> {
    return Promise.resolve(fields.map((each) => this.#check(each)))
  }

  progress(): Promise<null> {
    return Promise.resolve(null)
  }

  #check(fields: TaskFields): Result {
    try {
      return foreseen(newTask(fields, this.#options))
    } catch (error) {
      if (error instanceof TorqueError) return error
      throw error
    }
  }
}

/** What adding it now would answer, if it is new. */
function foreseen({id, queue, due}: NewTask): AddView {
  const now = Date.now()
  const at = 'at' in due ? Math.max(due.at, now) : now + due.delayMs
  return {id, queue, state: at > now ? 'scheduled' : 'ready', dueAt: isoInstant(at), duplicate: false}
}
