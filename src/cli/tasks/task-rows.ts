import type {TaskState} from '../../task/task.js'
import type {TaskView} from '../../task/view.js'
import type {Styles} from '../terminal/color.js'
import {fromNow} from '../terminal/format.js'
import type {TableColumn} from '../terminal/output.js'

const stateColors: Partial<Record<TaskState, keyof Styles>> = {
  active: 'cyan',
  retrying: 'yellow',
  dead: 'red',
  delivered: 'green',
}

export function paintState(state: string, styles: Styles): string {
  const color = stateColors[state as TaskState]
  return color ? styles[color](state) : state
}

export const taskColumns: TableColumn[] = [
  {head: 'ID'},
  {head: 'QUEUE', drop: 2},
  {head: 'STATE', drop: 5, paint: (cell, styles) => cell.replace(/^\w+/, (state) => paintState(state, styles))},
  {head: 'WHEN', drop: 3},
  {head: 'ERRORS', drop: 1},
  {head: 'TARGET', shrink: true, short: (cell) => cell.replace(/^POST /, '').replace(/https?:\/\//, '')},
  {head: 'LAST ERROR', shrink: true, drop: 4},
]

/** A task's row of the table for people. */
export function taskCells(task: TaskView, now: number): string[] {
  const errors = task.errors > 0 || task.state === 'dead' ? `${task.errors}/${task.maxErrors}` : ''
  return [task.id, task.queue, task.state, when(task, now), errors, `${task.method} ${task.url}`, lastErrorText(task)]
}

/** What its state's instant is: when it is due, when its lease ends, when it ended. */
export function when({dueAt, endedAt, leaseEndsAt}: TaskView, now: number): string {
  const at = endedAt ?? leaseEndsAt ?? dueAt
  return at ? fromNow(Date.parse(at), now) : ''
}

export function lastErrorText({lastError}: TaskView): string {
  if (!lastError) return ''
  return lastError.message ?? lastError.code
}

/** A task's line off a terminal, in the order that `torque list --help` names. */
export function taskLine(task: TaskView): string[] {
  const {id, queue, state, method, url, createdAt, dueAt, endedAt, attempt, errors, lastError} = task
  return [id, queue, state, method, url, createdAt, dueAt ?? '', endedAt ?? '', `${attempt}`, `${errors}`, lastError?.code ?? '']
}
