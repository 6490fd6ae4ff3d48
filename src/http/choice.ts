import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import {type TaskState, taskStates} from '../task/task.js'

/** The states that `state` names: one, several with commas between, or `all`. Undefined where none is given. */
export function readStates(values: readonly string[]): readonly TaskState[] | undefined {
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim())
  if (names.length === 0) return undefined
  return names.includes('all') ? taskStates : names.map(readState)
}

function readState(name: string): TaskState {
  const state = taskStates.find((candidate) => candidate === name)
  if (state) return state
  throw new TorqueError('invalid_state', `there is no state ${quote(name)}: it is one of ${taskStates.join(', ')} or all`, {
    field: 'state',
  })
}

/** A whole number of tasks, at least one. */
export function readLimit(text: string, most: number): number {
  const limit = /^\d{1,16}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= most) return limit
  throw new TorqueError('invalid_limit', `limit ${quote(text)} is not a whole number from 1 to ${most}`, {field: 'limit'})
}
