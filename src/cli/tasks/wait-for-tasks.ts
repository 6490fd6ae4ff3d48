import {setTimeout as delay} from 'node:timers/promises'

import {groupBy} from '../../group-by.js'
import {findTasks, knownQueue, noSuchTask} from '../../queue/find-tasks.js'
import type {Store} from '../../queue/store.js'
import {type TaskView, taskView} from '../../task/view.js'

/** How far a task has come; only its id where there is none, or no longer. */
export type AwaitedTask = Pick<TaskView, 'id'> & Partial<Pick<TaskView, 'queue' | 'state' | 'attempt' | 'errors' | 'lastError'>>

export interface WaitForTasksOptions {
  queue: string | undefined
  /** Undefined: as long as it takes. */
  timeoutMs: number | undefined
  signal: AbortSignal
  /** Told of each task once it is known how it ends, and in the end of the others. */
  ended: ((task: AwaitedTask) => Promise<void>) | undefined
}

/** Soon at first, for what is delivered at once; then seldom enough for many to wait side by side. */
const [firstPauseMs, longestPauseMs] = [20, 500]

/** Waits until all are delivered or dead, or the time is up. Throws where one of them is not there to begin with. */
export async function waitForTasks(
  store: Store,
  ids: readonly string[],
  {queue, timeoutMs, signal, ended}: WaitForTasksOptions,
): Promise<{tasks: AwaitedTask[]; exitCode: number}> {
  const until = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs
  const {tasks, missing} = await findTasks(store, ids, await knownQueue(store, queue))
  if (missing[0] !== undefined) throw noSuchTask(missing[0])
  const waiting = new Map(tasks.map(({id, queue: name}) => [id, name]))
  const seen = new Map<string, AwaitedTask>()
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    for (const task of await read(store, waiting)) {
      seen.set(task.id, task)
      if (!hasEnded(task)) continue
      waiting.delete(task.id)
      await ended?.(task)
    }
    const leftMs = until - performance.now()
    if (waiting.size === 0 || signal.aborted || leftMs <= 0) break
    await delay(Math.min(pauseMs, leftMs), undefined, {signal}).catch(() => {})
  }
  for (const id of waiting.keys()) await ended?.(seen.get(id)!)
  const all = ids.map((id) => seen.get(id)!)
  return {tasks: all, exitCode: exitCodeFor(all)}
}

/** Where they stand; of one that is gone there is no more to be told than its id. */
async function read(store: Store, waiting: ReadonlyMap<string, string>): Promise<AwaitedTask[]> {
  const limits = await store.inspector.limits()
  const found = await Promise.all(
    [...groupBy(waiting, ([, queue]) => queue)].map(async ([queue, entries]) => {
      const ids = entries.map(([id]) => id)
      const records = await store.inspector.find(ids, {queue})
      const tasks = new Map(records.map((record) => [record.task.id, progressOf(taskView(record, limits))]))
      return ids.map((id): AwaitedTask => tasks.get(id) ?? {id})
    }),
  )
  return found.flat()
}

function progressOf({id, queue, state, attempt, errors, lastError}: TaskView): AwaitedTask {
  return {id, queue, state, attempt, errors, lastError}
}

/** One that is gone has ended, one way or the other. */
function hasEnded({state}: AwaitedTask): boolean {
  return state === undefined || state === 'delivered' || state === 'dead'
}

/** The worst of them: dead, gone, still waiting. */
function exitCodeFor(tasks: readonly AwaitedTask[]): number {
  if (tasks.some(({state}) => state === 'dead')) return 5
  if (tasks.some(({state}) => state === undefined)) return 3
  return tasks.every(({state}) => state === 'delivered') ? 0 : 124
}
