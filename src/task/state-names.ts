import {TorqueError} from '../errors.js'
import {meantHint} from '../suggest.js'
import {quote} from './quote.js'
import {type TaskState, taskStates} from './task.js'

/** The states that are named: one, several with commas between, or `all`. Undefined where none is given. */
export function parseStates(values: readonly string[] = []): readonly TaskState[] | undefined {
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim())
  if (names.length === 0) return undefined
  return names.includes('all') ? taskStates : names.map(parseState)
}

function parseState(name: string): TaskState {
  const state = taskStates.find((candidate) => candidate === name)
  if (state) return state
  const message = `there is no state ${quote(name)}: it is one of ${taskStates.join(', ')} or all`
  throw new TorqueError('invalid_state', message, {field: 'state', ...meantHint(name, [...taskStates, 'all'])})
}
