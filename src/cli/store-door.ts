import {TorqueError} from '../errors.js'
import type {Store} from '../queue/store.js'
import type {TaskFields} from '../task/fields.js'
import {newTask, type NewTaskOptions} from '../task/new-task.js'
import type {NewTask} from '../task/task.js'
import {addView, type AddView, isoInstant, taskView} from '../task/view.js'
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
    const results: (Result | undefined)[] = []
    const good: {index: number; task: NewTask}[] = []
    for (const [index, each] of fields.entries()) {
      const task = checked(each, this.#options)
      if (task instanceof TorqueError) results[index] = task
      else good.push({index, task})
    }
    for (const [queue, slots] of byQueue(good)) {
      const added = await (await this.#options.store()).queue(queue).add(slots.map(({task}) => task))
      slots.forEach(({index}, at) => (results[index] = viewOf(added[at])))
    }
    return results.map((result) => result ?? noAnswer())
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
    const task = checked(fields, this.#options)
    if (task instanceof TorqueError) return task
    const now = Date.now()
    const at = 'at' in task.due ? Math.max(task.due.at, now) : now + task.due.delayMs
    return {id: task.id, queue: task.queue, state: at > now ? 'scheduled' : 'ready', dueAt: isoInstant(at), duplicate: false}
  }
}

function checked(fields: TaskFields, options: NewTaskOptions): NewTask | TorqueError {
  try {
    return newTask(fields, options)
  } catch (error) {
    if (error instanceof TorqueError) return error
    throw error
  }
}

function byQueue<Slot extends {task: NewTask}>(slots: readonly Slot[]): Map<string, Slot[]> {
  const groups = new Map<string, Slot[]>()
  for (const slot of slots) groups.set(slot.task.queue, [...(groups.get(slot.task.queue) ?? []), slot])
  return groups
}

function viewOf(result: Parameters<typeof addView>[0] | TorqueError | undefined): Result {
  if (result === undefined) return noAnswer()
  return result instanceof TorqueError ? result : addView(result)
}

function noAnswer(): TorqueError {
  return new TorqueError('internal', 'Redis gave no answer for this task')
}
