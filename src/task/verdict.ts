import {STATUS_CODES} from 'node:http'

import {leastBackoffMs, maxRetryAfterMs, parseRetryAfter, retryWaitMs} from './backoff.js'
import {formatDuration} from './duration.js'
import type {Policy} from './policy.js'
import {hasStatus} from './statuses.js'
import type {Attempt, NewTask, OutcomeCode, Run, Timing} from './task.js'

/** What came of one call. Never thrown: an answer of any kind, or none, is a value. */
export interface Outcome {
  /** The HTTP status; null where no complete status line and headers came. */
  status: number | null
  /** Why no answer came; null where one did. */
  error: OutcomeCode | null
  /** What went wrong in words; null: the status says it. */
  message: string | null
  durationMs: number
  /** The first bytes of the answer's body, at most 1 KiB. */
  response: string | null
  /** The `Retry-After` header as sent. */
  retryAfter: string | null
  /** The answer said `torque-retry: no`. */
  noRetry: boolean
  /** Where it made its connection. */
  timing?: Timing
}

/** What a call has told of its target: that it answers, or that it is in trouble, and asked to be left alone for so long. */
export type TargetSign = 'answered' | {quietMs: number}

/**
 * What an outcome means for its task. `release` gives it back without an error; a `callback` is added in the same step. Without a
 * sign nothing was learnt of the target.
 */
export type Verdict = ({op: 'complete' | 'bury' | 'release'} | {op: 'retry'; waitMs: number}) & {
  run: Run
  target?: TargetSign | undefined
  callback?: NewTask
}

export interface VerdictContext {
  run: Run
  attempt: number
  /** When the attempt began, ms since the epoch, Redis time. */
  startedAt: number
  /** When the task was due for it, likewise. */
  dueAt: number
  policy: Policy
  /** 0 ≤ random < 1. */
  random: number
}

/** Lost leases that bury a task: one that kills whoever touches it must not do so for ever. */
export const maxLostLeases = 5

const historyKept = 20
const earlierResponseBytes = 128

/** Judges an outcome: delivered, retry after a wait, or dead. */
export function verdict(outcome: Outcome, context: VerdictContext): Verdict {
  const {policy, random} = context
  const code = failureOf(outcome, policy)
  const run = endAttempt(context.run, attemptOf(outcome, code, context))
  if (code === null) return {op: 'complete', run, target: 'answered'}
  if (code === 'aborted') return {op: 'release', run}

  const failed = {...run, errors: run.errors + 1}
  const now = context.startedAt + outcome.durationMs
  const retryAfterMs = parseRetryAfter(outcome.retryAfter, now)
  const target = signOf(outcome, retryAfterMs)
  if (isFinal(code) || failed.errors >= policy.maxErrors) return {op: 'bury', run: failed, target}
  const waitMs = retryWaitMs(failed.errors, policy, {random, retryAfterMs})
  if (policy.maxAgeMs === undefined) return {op: 'retry', run: failed, waitMs, target}
  const dueSince = run.dueSince ?? context.dueAt
  if (now + waitMs > dueSince + policy.maxAgeMs) return {op: 'bury', run: expire(failed, policy.maxAgeMs), target}
  return {op: 'retry', run: {...failed, dueSince}, waitMs, target}
}

/** Whether an attempt that begins now is the last one, whatever comes of it. */
export function isLastAttempt({run, policy, startedAt, dueAt}: Omit<VerdictContext, 'attempt' | 'random'>): boolean {
  const errors = run.errors + 1
  if (errors >= policy.maxErrors) return true
  return policy.maxAgeMs !== undefined && isTooOld(run, policy, {now: startedAt + leastBackoffMs(errors, policy), dueAt})
}

/** Whether a task is too old to be called. */
export function isTooOld(run: Run, {maxAgeMs}: Policy, {now, dueAt}: {now: number; dueAt: number}): boolean {
  return maxAgeMs !== undefined && now > (run.dueSince ?? dueAt) + maxAgeMs
}

/** The verdict on a task that is too old to be called when its turn comes. */
export function expiredVerdict(run: Run, attempt: number, startedAt: number, {maxAgeMs = 0}: Policy): Verdict {
  const message = `not called: it has been due for more than ${formatDuration(maxAgeMs)}`
  return {op: 'bury', run: endAttempt(run, {...uncalled, attempt, startedAt, error: 'expired', message})}
}

/** What the last attempt came to stays in its status and its message. */
function expire(run: Run, maxAgeMs: number): Run {
  const last = run.history.at(-1)!
  const message = `${last.message ?? last.error}; given up: the next attempt would come more than ${formatDuration(maxAgeMs)} after it was due`
  return {...run, history: [...run.history.slice(0, -1), {...last, error: 'expired', message}]}
}

/** Statuses of a target, or of what stands before it, that has too much to do or is not there. */
const statusesOfTrouble: ReadonlySet<number | null> = new Set([429, 502, 503, 504])

/** Ways to get no answer that are not the task's own. */
const errorsOfTrouble: ReadonlySet<OutcomeCode> = new Set<OutcomeCode>([
  'timeout',
  'connect_refused',
  'connect_timeout',
  'connect_failed',
  'connection_reset',
  'dns',
  'tls',
])

function signOf({status, error}: Outcome, quietMs: number): TargetSign | undefined {
  if (error === null ? statusesOfTrouble.has(status) : errorsOfTrouble.has(error))
    return {quietMs: Math.min(quietMs, maxRetryAfterMs)}
  // What it says is wrong, but it is there.
  return error === null || error === 'protocol' ? 'answered' : undefined
}

/** The verdict on a task whose process died or stalled under it: no error, but not for ever. */
export function lostLeaseVerdict(run: Run, attempt: number): Verdict {
  const lost: Attempt = {
    attempt,
    startedAt: null,
    durationMs: null,
    status: null,
    error: 'lease_lost',
    message: 'the process that made this attempt went away',
    response: null,
  }
  const next = {...endAttempt(run, lost), lostLeases: run.lostLeases + 1}
  return {op: next.lostLeases >= maxLostLeases ? 'bury' : 'release', run: next}
}

/** The verdict on a task whose stored form cannot be read. */
export function corruptVerdict(run: Run, attempt: number, startedAt: number, message: string): Verdict {
  return {op: 'bury', run: endAttempt(run, {...uncalled, attempt, startedAt, error: 'corrupt', message})}
}

/** Of an attempt without a call. */
const uncalled = {durationMs: 0, status: null, response: null}

/** Null where the outcome is a success. */
function failureOf({status, error, noRetry}: Outcome, policy: Policy): OutcomeCode | null {
  if (error !== null) return error
  if (status === null) return 'internal'
  if ((status >= 200 && status < 300) || hasStatus(policy.success, status)) return null
  if (status === 410) return 'gone'
  return noRetry || hasStatus(policy.noRetry, status) ? 'no_retry' : 'http_status'
}

function isFinal(code: OutcomeCode): boolean {
  return code === 'gone' || code === 'no_retry' || code === 'egress_denied'
}

function attemptOf(outcome: Outcome, error: OutcomeCode | null, {attempt, startedAt}: VerdictContext): Attempt {
  const {status, durationMs, response, timing} = outcome
  const message = error === null ? null : (outcome.message ?? `${status} ${STATUS_CODES[status ?? 0] ?? ''}`.trim())
  const ended: Attempt = {attempt, startedAt, durationMs, status, error, message, response}
  if (timing) ended.timing = timing
  return ended
}

function endAttempt(run: Run, ended: Attempt): Run {
  if (run.history.length === 0) return {...run, attempts: ended.attempt, history: [ended]}
  const earlier = run.history.slice(1 - historyKept).map(shorten)
  return {...run, attempts: ended.attempt, history: [...earlier, ended]}
}

function shorten(attempt: Attempt): Attempt {
  const {response} = attempt
  if (response === null || Buffer.byteLength(response) <= earlierResponseBytes) return attempt
  // A decoder told that more will come keeps back a character that is cut.
  const start = new TextDecoder('utf-8', {ignoreBOM: true}).decode(Buffer.from(response).subarray(0, earlierResponseBytes), {
    stream: true,
  })
  return {...attempt, response: start}
}
