import {TorqueError} from '../errors.js'
import {type TaskState, taskStates} from '../task/task.js'

/** The states that `--state` names: given several times or with commas between, `all` for every one. Undefined where it was not given. */
export function parseStates(values: readonly string[] | undefined): readonly TaskState[] | undefined {
  if (!values) return undefined
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim())
  if (names.includes('all')) return taskStates
  return names.map(parseState)
}

function parseState(name: string): TaskState {
  const state = taskStates.find((candidate) => candidate === name)
  if (state) return state
  throw new TorqueError('invalid_state', `there is no state ${JSON.stringify(name)}`, {
    field: 'state',
    hint: `It is one of ${taskStates.join(', ')}, all.`,
  })
}
