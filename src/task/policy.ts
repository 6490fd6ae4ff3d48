import type {Backoff} from './backoff.js'
import type {Limits} from './limits.js'

/** How a hook is called and tried again: what a task says itself, then its queue's settings, then the flags of `serve`. */
export interface Policy extends Limits, Backoff {
  /** It is given up so long after it was first due; absent: it may get as old as its errors let it. */
  maxAgeMs?: number
  /** Statuses after which there is no other attempt, as `parseStatuses` writes them. */
  noRetry?: string
  /** Statuses that are a success besides 2xx; they come before those of `noRetry`. */
  success?: string
  /** Where to tell that it was delivered, or is dead; empty: nowhere. */
  onDelivered?: string
  onDead?: string
}

/** All of it, in the order in which it is shown. */
export const policyNames = [
  'timeoutMs',
  'maxErrors',
  'minBackoffMs',
  'maxBackoffMs',
  'factor',
  'waitsMs',
  'maxAgeMs',
  'noRetry',
  'success',
  'onDelivered',
  'onDead',
] as const satisfies (keyof Policy)[]

/** What one of the three says; the rest is for the next one to say. */
export type OwnPolicy = Partial<Policy>

/** The policy in force where `own` is asked before `base`. A curve is one thing with its parts, and a list of waits another. */
export function decide(own: OwnPolicy, base: Policy): Policy {
  if (saysNothing(own)) return base
  const decided: Policy = {
    timeoutMs: own.timeoutMs ?? base.timeoutMs,
    maxErrors: own.maxErrors ?? base.maxErrors,
    minBackoffMs: own.minBackoffMs ?? base.minBackoffMs,
    maxBackoffMs: own.maxBackoffMs ?? base.maxBackoffMs,
    factor: own.factor ?? base.factor,
  }
  const waitsMs = own.waitsMs ?? (hasCurve(own) ? undefined : base.waitsMs)
  const [onDelivered, onDead] = [own.onDelivered ?? base.onDelivered, own.onDead ?? base.onDead]
  const [maxAgeMs, noRetry, success] = [own.maxAgeMs ?? base.maxAgeMs, own.noRetry ?? base.noRetry, own.success ?? base.success]
  if (waitsMs !== undefined) decided.waitsMs = waitsMs
  if (maxAgeMs !== undefined) decided.maxAgeMs = maxAgeMs
  if (noRetry !== undefined) decided.noRetry = noRetry
  if (success !== undefined) decided.success = success
  if (onDelivered !== undefined) decided.onDelivered = onDelivered
  if (onDead !== undefined) decided.onDead = onDead
  return decided
}

function hasCurve({minBackoffMs, maxBackoffMs, factor}: OwnPolicy): boolean {
  return minBackoffMs !== undefined || maxBackoffMs !== undefined || factor !== undefined
}

/** Of most tasks; written out, since each comes by here twice. */
export function saysNothing(own: OwnPolicy): boolean {
  return (
    own.timeoutMs === undefined &&
    own.maxErrors === undefined &&
    own.maxAgeMs === undefined &&
    own.waitsMs === undefined &&
    own.noRetry === undefined &&
    own.success === undefined &&
    own.onDelivered === undefined &&
    own.onDead === undefined &&
    !hasCurve(own)
  )
}
