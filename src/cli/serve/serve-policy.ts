import {parseCallback} from '../../task/new-task.js'
import {parsePolicy} from '../../task/parse-policy.js'
import type {Policy} from '../../task/policy.js'
import {asFlags, duration} from '../input/flag-value.js'
import {type RetryFlags, backoffOf, maxErrorsOf} from './retry-flags.js'

/** The flags of `serve` that say what holds for a task where neither it nor its queue does. */
export interface PolicyFlags extends RetryFlags {
  'task-timeout': string
  'max-age'?: string | undefined
  'no-retry'?: string | undefined
  success?: string | undefined
  'on-delivered'?: string | undefined
  'on-dead'?: string | undefined
}

export interface Weighed {
  maxTaskErrors: string | undefined
  baseTaskUrl: string | undefined
}

/** What may come from elsewhere than a flag is weighed before. Throws `invalid_option`. */
export function servePolicy(flags: PolicyFlags, {maxTaskErrors, baseTaskUrl}: Weighed): Policy {
  const {'on-delivered': onDelivered, 'on-dead': onDead} = flags
  const {'max-age': maxAge, 'no-retry': noRetry, success} = flags
  return {
    maxErrors: maxErrorsOf(maxTaskErrors),
    timeoutMs: duration('task-timeout', flags['task-timeout'], {from: 1_000, to: 30 * 60_000}),
    ...backoffOf(flags),
    ...asFlags(() => parsePolicy({maxAge, noRetry, success})),
    ...asFlags(() => ({
      ...(onDelivered !== undefined && {onDelivered: parseCallback('onDelivered', onDelivered, {baseTaskUrl})}),
      ...(onDead !== undefined && {onDead: parseCallback('onDead', onDead, {baseTaskUrl})}),
    })),
  }
}
