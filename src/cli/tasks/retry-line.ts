import type {FailureGroup} from '../../task/failures.js'
import {type TaskState, taskStates} from '../../task/task.js'
import type {FilterFlags} from '../input/filter-flags.js'
import {shellQuote} from '../../shell-quote.js'

export interface RetryLineOptions {
  /** The filters that the groups were made of: they hold for the line, too. */
  flags: FilterFlags
  /** `--redis` and `--namespace` as they were given. */
  place: readonly string[]
}

const revivable: readonly TaskState[] = ['dead', 'retrying', 'scheduled']

/** The command that revives exactly the tasks of a group; null where none of them can be revived. */
export function retryLine(
  {queue, origin, status, error, states}: Pick<FailureGroup, 'queue' | 'origin' | 'status' | 'error' | 'states'>,
  {flags: {state: _state, status: _status, error: _error, ...rest}, place}: RetryLineOptions,
): string | null {
  const named = taskStates.filter((state) => revivable.includes(state) && states.has(state))
  // What cannot be read has no URL, and cannot be called again.
  if (named.length === 0 || origin === '') return null
  const words = [
    'torque',
    'retry',
    ...place,
    ...(queue === 'default' ? [] : ['--queue', queue]),
    ...(named.join() === 'dead' ? [] : ['--state', named.join()]),
    '--url',
    `${origin}/*`,
    '--status',
    String(status ?? 'none'),
    '--error',
    error,
    ...Object.entries(rest).flatMap(([name, values]) => (values ?? []).flatMap((value) => [`--${name}`, value])),
  ]
  return words.map(shellQuote).join(' ')
}
