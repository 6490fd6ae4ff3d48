import {TorqueError} from '../../errors.js'
import type {Queue} from '../../queue/queue.js'
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
    const results: (Result | undefined)[] = []
    const good: {index: number; task: NewTask}[] = []
    for (const [index, each] of fields.entries()) {
      const task = checked(each, this.#options)
      if (task instanceof TorqueError) results[index] = task
      else good.push({index, task})
    }
    for (const [queue, slots] of byQueue(good)) {
      const store = await this.#options.store()
      // Once Redis has failed, each further queue would take as long to fail.
      const failed = results.find(isAway)
      const added = failed ? slots.map(() => notTried(failed)) : await write(store.queue(queue), slots)
      slots.forEach(({index}, at) => (results[index] = added[at] ?? noAnswer()))
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

/** A result for each, also when the call as a whole fails: tasks of another queue may be in. */
async function write(queue: Queue, slots: readonly {task: NewTask}[]): Promise<Result[]> {
  try {
    const added = await queue.add(slots.map(({task}) => task))
    return added.map((result) => (result instanceof TorqueError ? result : addView(result)))
  } catch (error) {
    if (!(error instanceof TorqueError)) throw error
    return slots.map(({task}) => named(error, task))
  }
}

/** Where nobody knows whether it was queued, its id is what to ask and to add again by. */
function named(error: TorqueError, {id}: NewTask): TorqueError {
  return error.code === 'outcome_unknown' ? new TorqueError(error.code, error.message, {id, cause: error}) : error
}

function isAway(result: Result | undefined): result is TorqueError {
  return result instanceof TorqueError && result.status === 503
}

function notTried({code, message}: TorqueError): TorqueError {
  return new TorqueError(code === 'outcome_unknown' ? 'redis_unavailable' : code, `not queued: ${message}`)
}

function noAnswer(): TorqueError {
  return new TorqueError('internal', 'Redis gave no answer for this task')
}
