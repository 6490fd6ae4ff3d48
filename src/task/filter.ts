import type {Glob} from './glob.js'
import {type HostName, isHost} from './host-name.js'
import {paramsHave} from './params.js'
import {type OutcomeCode, type Run, type Task, type TaskRecord, type TaskState, taskStates} from './task.js'

/** Statuses from one to another, both included; null: no status came. */
export type StatusRange = {from: number; to: number} | null

/** Which tasks are meant: all that is given must hold. Made by `parseFilter`. */
export interface Filter {
  /** Absent: those that the verb means. */
  states?: readonly TaskState[]
  /** The whole URL must match each of them. */
  urls?: readonly Glob[]
  host?: HostName
  /** How the newest attempt ended: with one of these statuses … */
  statuses?: readonly StatusRange[]
  /** … and with one of these errors. */
  errors?: readonly OutcomeCode[]
  /** Fields of the form that `params` make. */
  params?: readonly (readonly [name: string, value: string])[]
  olderThanMs?: number
  newerThanMs?: number
  minErrors?: number
  idPrefix?: string
  flowKey?: string
}

/** Whether more than the state decides. */
export function looksInside({states: _states, ...rest}: Filter): boolean {
  return Object.keys(rest).length > 0
}

/** Whether it takes the task itself to decide, for one that is in this state. The age of what has not ended is in the task, too. */
export function needsTask({urls, host, params, flowKey, ...filter}: Filter, state: TaskState): boolean {
  return (urls ?? host ?? params ?? flowKey) !== undefined || (needsAge(filter) && !hasEnded(state))
}

/** Whether it takes what became of the task to decide. */
export function needsRun({statuses, errors, minErrors}: Filter): boolean {
  return (statuses ?? errors ?? minErrors) !== undefined
}

function needsAge({olderThanMs, newerThanMs}: Filter): boolean {
  return (olderThanMs ?? newerThanMs) !== undefined
}

export function hasEnded(state: TaskState): boolean {
  return state === 'dead' || state === 'delivered'
}

/** Between which instants a task's age must begin, ms since the epoch: `after` itself excluded, `upTo` included. */
export function ageBounds({olderThanMs, newerThanMs}: Filter, now: number): {after: number; upTo: number} {
  return {
    after: newerThanMs === undefined ? -Infinity : now - newerThanMs,
    upTo: olderThanMs === undefined ? Infinity : now - olderThanMs,
  }
}

/** From when a task's age counts: from when it ended, or else from when it was added. */
export function ageFrom({task, endedAt}: Pick<TaskRecord, 'task' | 'endedAt'>): number {
  return endedAt ?? task.createdAt
}

/** Whether a task is meant, all of it known. `now` is ms since the epoch, by the clock of Redis. */
export function matchesRecord(filter: Filter, record: TaskRecord, now: number): boolean {
  return (
    (filter.states ?? taskStates).includes(record.state) &&
    matchesId(filter, record.task.id) &&
    matchesAge(filter, ageFrom(record), now) &&
    matchesTask(filter, record.task) &&
    matchesRun(filter, record.run)
  )
}

export function matchesId({idPrefix}: Filter, id: string): boolean {
  return idPrefix === undefined || id.startsWith(idPrefix)
}

export function matchesAge(filter: Filter, from: number, now: number): boolean {
  const {after, upTo} = ageBounds(filter, now)
  return from > after && from <= upTo
}

export function matchesTask({urls = [], host, params, flowKey}: Filter, task: Task): boolean {
  return (
    (flowKey === undefined || task.flowKey === flowKey) &&
    (host === undefined || isHost(host, task.url)) &&
    urls.every((glob) => glob.matches(task.url)) &&
    (params === undefined || hasParams(params, task))
  )
}

function hasParams(params: NonNullable<Filter['params']>, {payload}: Task): boolean {
  return payload.kind === 'params' && params.every(([name, value]) => paramsHave(payload.text, name, value))
}

export function matchesRun({statuses, errors, minErrors = 0}: Filter, run: Run): boolean {
  if (run.errors < minErrors) return false
  if (!statuses && !errors) return true
  const newest = run.history.at(-1)
  if (!newest) return false
  const {status, error} = newest
  return (!statuses || statuses.some((range) => isIn(range, status))) && (!errors || (error !== null && errors.includes(error)))
}

function isIn(range: StatusRange, status: number | null): boolean {
  if (range === null || status === null) return range === status
  return range.from <= status && status <= range.to
}
