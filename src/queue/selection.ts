import {TorqueError} from '../errors.js'
import type {Filter} from '../task/filter.js'
import {type TaskState, taskStates} from '../task/task.js'
import type {BulkVerb} from './bulk.js'
import {findTasks, knownQueue, noSuchTask} from './find-tasks.js'
import type {Store} from './store.js'

/** Which tasks a bulk verb is about: named ones, or all that a filter means. */
export type Wanted = {queue?: string | undefined} & (
  {ids: readonly string[]} | {filter: Filter; limit?: number | undefined; ids?: undefined}
)

/** Tasks of one queue that are changed in one step, each only while it is in one of `states`. */
export interface Batch {
  queue: string
  ids: string[]
  states: readonly TaskState[]
}

export interface FreezeOptions {
  /** Aborted: go no further. */
  signal?: AbortSignal | undefined
  /** After each step, with the number of tasks gone over and found so far. */
  onScan?: ((scanned: number, found: number) => void) | undefined
  /** How old the tasks are is wanted, also where the filter does not ask. */
  ages?: boolean | undefined
}

const samplesKept = 3

/** The tasks of a bulk verb, fixed before any is changed: ids with the states that they were found in. What comes later is not touched. */
export class Selection {
  /** Ids that no task has. */
  readonly missing: string[] = []
  /** It was not looked for to the end. */
  interrupted = false
  /** Between which instants the ages of its tasks begin, ms since the epoch. */
  oldest = Infinity
  newest = -Infinity
  readonly #queues = new Map<string, Map<string, TaskState>>()
  readonly #allowed: readonly TaskState[] | null
  #size = 0

  /** `states`: those that were asked for; null for tasks that were named, which are meant whatever their state. */
  constructor(states: readonly TaskState[] | null) {
    this.#allowed = states
  }

  get size(): number {
    return this.#size
  }

  /** A task that is found again has moved since: it is where it was found last. */
  add({id, queue, state, ageFrom}: {id: string; queue: string; state: TaskState; ageFrom: number | null}): void {
    const tasks = this.#queues.get(queue) ?? new Map<string, TaskState>()
    this.#queues.set(queue, tasks)
    if (!tasks.has(id)) this.#size++
    tasks.set(id, state)
    if (ageFrom === null) return
    this.oldest = Math.min(this.oldest, ageFrom)
    this.newest = Math.max(this.newest, ageFrom)
  }

  /** Whether a queue has a task of this id among them. */
  has(queue: string, id: string): boolean {
    return this.#queues.get(queue)?.has(id) ?? false
  }

  get queues(): string[] {
    return [...this.#queues.keys()]
  }

  /** The first few. */
  get samples(): {queue: string; ids: string[]} {
    const [queue = 'default', tasks] = this.#queues.entries().next().value ?? []
    return {queue, ids: tasks ? [...tasks.keys()].slice(0, samplesKept) : []}
  }

  /** How many were found in each state, in the order in which states are listed. */
  countStates(): {state: TaskState; count: number}[] {
    const counts = new Map<TaskState, number>()
    for (const tasks of this.#queues.values()) {
      for (const state of tasks.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
    }
    return taskStates.flatMap((state) => {
      const count = counts.get(state)
      return count ? [{state, count}] : []
    })
  }

  *batches(size: number): Generator<Batch> {
    for (const [queue, tasks] of this.#queues) {
      const open = new Map<string, Batch>()
      for (const [id, found] of tasks) {
        const states = this.#statesFor(found)
        const key = states.join()
        const batch = open.get(key) ?? {queue, ids: [], states}
        batch.ids.push(id)
        if (batch.ids.length < size) open.set(key, batch)
        else {
          open.delete(key)
          yield batch
        }
      }
      yield* open.values()
    }
  }

  /** In which states a task may be when its turn comes. Time makes a scheduled one ready: that is no change of anybody's. */
  #statesFor(found: TaskState): readonly TaskState[] {
    if (!this.#allowed) return taskStates
    return found === 'scheduled' && this.#allowed.includes('ready') ? ['scheduled', 'ready'] : [found]
  }
}

/** The states that a verb means: dead ones where none is named. `all` is no way to delete what is being called just now; that takes the state's name. */
export function statesMeant(verb: BulkVerb, {states = ['dead']}: Filter): readonly TaskState[] {
  return verb === 'purge' && states === taskStates ? states.filter((state) => state !== 'active') : states
}

/** Fixes what a verb is about. Throws `no_such_queue`, or `no_such_task` where none of the ids is one. */
export function freeze(store: Store, verb: BulkVerb, wanted: Wanted, options: FreezeOptions = {}): Promise<Selection> {
  return wanted.ids ? freezeNamed(store, wanted.ids, wanted.queue) : freezeMeant(store, verb, wanted, options)
}

async function freezeNamed(store: Store, ids: readonly string[], queue: string | undefined): Promise<Selection> {
  const {tasks, missing} = await findTasks(store, ids, await knownQueue(store, queue))
  const [first] = missing
  if (tasks.length === 0 && first !== undefined) throw noneExists(missing, first)
  const selection = new Selection(null)
  for (const task of tasks) selection.add(task)
  selection.missing.push(...missing)
  return selection
}

function noneExists(missing: readonly string[], first: string): TorqueError {
  return missing.length === 1
    ? noSuchTask(first)
    : new TorqueError('no_such_task', `none of the ${missing.length} ids is a task's`)
}

interface Meant {
  queue?: string | undefined
  filter: Filter
  limit?: number | undefined
}

async function freezeMeant(
  store: Store,
  verb: BulkVerb,
  {queue = 'default', filter, limit = Infinity}: Meant,
  {signal, onScan, ages}: FreezeOptions,
): Promise<Selection> {
  const states = statesMeant(verb, filter)
  const selection = new Selection(states)
  let scanned = 0
  const known = await knownQueue(store, queue)
  for await (const step of store.inspector.select({queue: known, filter: {...filter, states}, ages})) {
    scanned += step.scanned
    for (const {member: id, ...place} of step.places) {
      if (selection.size < limit || selection.has(place.queue, id)) selection.add({id, ...place})
    }
    onScan?.(scanned, selection.size)
    if (selection.size >= limit) break
    if (signal?.aborted) {
      selection.interrupted = true
      break
    }
  }
  return selection
}
