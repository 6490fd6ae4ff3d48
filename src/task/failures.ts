import {originOf} from './origin.js'
import type {OutcomeCode, TaskRecord, TaskState} from './task.js'

/** Tasks of one queue whose newest attempts failed in the same way at the same origin. */
export interface FailureGroup {
  queue: string
  origin: string
  /** Null: no status came. */
  status: number | null
  error: OutcomeCode
  count: number
  /** How many are in each state. */
  states: Map<TaskState, number>
  /** When the first and the last of their newest attempts ended, ms since the epoch. */
  firstSeenAt: number
  lastSeenAt: number
  /** The task that failed last, and what its attempt said. */
  sampleId: string
  message: string | null
}

/** Groups tasks by how their newest attempts failed; one that did not fail is in no group. */
export class Failures {
  readonly #groups = new Map<string, FailureGroup>()

  add({task, queue, state, run, endedAt}: TaskRecord): void {
    const newest = run.history.at(-1)
    if (!newest?.error) return
    const {status, error, message, startedAt, durationMs} = newest
    const seenAt = startedAt === null ? (endedAt ?? task.createdAt) : startedAt + (durationMs ?? 0)
    const origin = originOf(task.url)
    const key = `${queue} ${origin} ${status} ${error}`
    const group = this.#groups.get(key)
    if (!group) {
      const states = new Map([[state, 1]])
      const first = {queue, origin, status, error, count: 1, states, firstSeenAt: seenAt, lastSeenAt: seenAt}
      this.#groups.set(key, {...first, sampleId: task.id, message})
      return
    }
    group.count++
    group.states.set(state, (group.states.get(state) ?? 0) + 1)
    group.firstSeenAt = Math.min(group.firstSeenAt, seenAt)
    if (seenAt <= group.lastSeenAt) return
    group.lastSeenAt = seenAt
    group.sampleId = task.id
    group.message = message
  }

  /** The largest first; of equals, the one seen last. */
  groups(): FailureGroup[] {
    return [...this.#groups.values()].toSorted((left, right) => right.count - left.count || right.lastSeenAt - left.lastSeenAt)
  }
}
