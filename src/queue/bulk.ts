import {TorqueError} from '../errors.js'
import type {TaskRecord, TaskState} from '../task/task.js'
import type {BulkResult} from './queue.js'
import type {Store} from './store.js'

/** One task of a frozen selection. */
export interface TaskRef {
  id: string
  queue: string
}

export interface SelectedTask extends TaskRef {
  state: TaskState
  /** From when its age counts, ms since the epoch. */
  ageFrom: number
}

export interface Selection {
  /** Absent: every queue. */
  queue?: string | undefined
  states: readonly TaskState[]
  /** Only tasks that ended (dead, delivered) or were added (all others) at least this long ago. */
  olderThanMs?: number | undefined
  limit?: number | undefined
}

export type BulkVerb = 'retry' | 'purge'

export interface BulkOptions {
  /** A task whose state is none of these by the time it is its turn is skipped. */
  states: readonly TaskState[]
  /** Aborted: end after the batch in flight. */
  signal?: AbortSignal | undefined
  /** After each batch, with the counts so far. */
  onBatch?: ((counts: BulkCounts) => void) | undefined
}

export interface BulkCounts {
  matched: number
  changed: number
  skipped: number
  failed: number
}

export interface BulkOutcome extends BulkCounts {
  /** It was ended before its time; what was done stays done. */
  interrupted: boolean
  /** Why it could not go on; the batch that met it counts as failed. */
  error: TorqueError | null
}

/** How many tasks one script call changes: enough to be fast, few enough not to hold up anybody else. */
const batchSize = 500
const pageSize = 1000

/** What may be revived: dead tasks, and waiting ones, which become due now. */
const revivable: readonly TaskState[] = ['dead', 'retrying', 'scheduled']

/** The tasks a bulk verb is about, frozen: what comes later is not touched. */
export async function selectIds(store: Store, selection: Selection): Promise<SelectedTask[]> {
  const {limit = Number.POSITIVE_INFINITY, olderThanMs} = selection
  const before = olderThanMs === undefined ? Number.POSITIVE_INFINITY : (await store.now()) - olderThanMs
  // Keyed, because a task that moves between two pages shows up in both.
  const selected = new Map<string, SelectedTask>()
  for await (const record of walk(store, selection)) {
    if (selected.size >= limit) break
    const task = selectedTask(record)
    if (task.ageFrom <= before) selected.set(`${task.queue} ${task.id}`, task)
  }
  return [...selected.values()]
}

/** A task as a selection holds it. Its age counts from when it ended, or else from when it was added. */
export function selectedTask({task, queue, state, endedAt}: TaskRecord): SelectedTask {
  return {id: task.id, queue, state, ageFrom: endedAt ?? task.createdAt}
}

async function* walk(store: Store, {queue, states}: Selection): AsyncGenerator<TaskRecord> {
  let cursor: string | undefined
  do {
    const page = await store.inspector.page({queue, states, limit: pageSize, cursor})
    yield* page.records
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
}

/** Revives or purges the tasks of a frozen selection, batch by batch. Never throws for what Redis does: see `error`. */
export async function runBulk(
  store: Store,
  verb: BulkVerb,
  tasks: readonly TaskRef[],
  options: BulkOptions,
): Promise<BulkOutcome> {
  const {states, signal, onBatch} = options
  const outcome: BulkOutcome = {matched: tasks.length, changed: 0, skipped: 0, failed: 0, interrupted: false, error: null}
  for (const {queue, ids} of batches(tasks)) {
    if (signal?.aborted) return {...outcome, interrupted: true}
    try {
      const {changed, skipped} = await change(store, verb, queue, ids, states)
      outcome.changed += changed.length
      outcome.skipped += skipped.length
    } catch (error) {
      if (!(error instanceof TorqueError)) throw error
      return {...outcome, failed: outcome.failed + ids.length, error}
    }
    onBatch?.(outcome)
  }
  return outcome
}

function change(store: Store, verb: BulkVerb, name: string, ids: string[], states: readonly TaskState[]): Promise<BulkResult> {
  const queue = store.queue(name)
  if (verb === 'purge') return queue.purge(ids, {states})
  return queue.revive(ids, {states: states.filter((state) => revivable.includes(state))})
}

function* batches(tasks: readonly TaskRef[]): Generator<{queue: string; ids: string[]}> {
  for (const [queue, ids] of idsByQueue(tasks)) {
    for (let start = 0; start < ids.length; start += batchSize) yield {queue, ids: ids.slice(start, start + batchSize)}
  }
}

function idsByQueue(tasks: readonly TaskRef[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const {id, queue} of tasks) {
    const ids = groups.get(queue)
    if (ids) ids.push(id)
    else groups.set(queue, [id])
  }
  return groups
}
