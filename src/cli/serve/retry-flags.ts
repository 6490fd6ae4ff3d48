import {string} from '@oclif/core/flags'

import {TorqueError} from '../../errors.js'
import type {Backoff} from '../../task/backoff.js'
import {parsePolicy} from '../../task/parse-policy.js'
import {asFlags, duration, number, whole} from '../input/flag-value.js'

/** How often, and how long after an error, a task is tried again: the same on `serve` and `backoff`. */
export const retryFlags = (helpGroup: string) => ({
  'max-task-errors': string({
    description: 'Errors after which a task is dead. [default: 10; env: MAX_TASK_ERRORS]',
    helpValue: 'N',
    helpGroup,
  }),
  'min-backoff': string({description: 'The wait after the first error.', default: '2s', helpValue: 'DURATION', helpGroup}),
  'max-backoff': string({description: 'The longest wait.', default: '6h', helpValue: 'DURATION', helpGroup}),
  'backoff-factor': string({
    description: 'By how much each wait exceeds the last.',
    default: '4',
    helpValue: 'N',
    helpGroup,
  }),
  waits: string({
    description: 'In place of such a curve: the waits after the first error, the second, and so on; the last one goes on.',
    helpValue: 'DURATION,…',
    exclusive: ['min-backoff', 'max-backoff', 'backoff-factor'],
    helpGroup,
  }),
})

export interface RetryFlags {
  'min-backoff': string
  'max-backoff': string
  'backoff-factor': string
  waits?: string | undefined
}

const backoffRange = {from: 1, to: 366 * 86_400_000}

/** Throws `invalid_option`. */
export function backoffOf(flags: RetryFlags): Backoff {
  const minBackoffMs = duration('min-backoff', flags['min-backoff'], backoffRange)
  const maxBackoffMs = duration('max-backoff', flags['max-backoff'], backoffRange)
  if (minBackoffMs > maxBackoffMs) {
    const message = `--min-backoff ${flags['min-backoff']} is longer than --max-backoff ${flags['max-backoff']}`
    throw new TorqueError('invalid_option', message, {field: 'min-backoff'})
  }
  const factor = number('backoff-factor', flags['backoff-factor'], {from: 1, to: 100})
  const {waitsMs} = asFlags(() => parsePolicy({waits: flags.waits}))
  return {minBackoffMs, maxBackoffMs, factor, ...(waitsMs && {waitsMs})}
}

/** The value of `--max-task-errors`, or of the setting behind it. Throws `invalid_option`. */
export function maxErrorsOf(text = '10'): number {
  return whole('max-task-errors', text, {from: 1, to: 1000})
}
