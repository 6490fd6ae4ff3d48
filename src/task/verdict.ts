import {STATUS_CODES} from 'node:http'

import {type Backoff, parseRetryAfter, retryWaitMs} from './backoff.js'
import type {Attempt, OutcomeCode, Run} from './task.js'

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
}

/** What an outcome means for its task. `release` gives it back without an error. */
export type Verdict = {op: 'complete' | 'bury' | 'release'; run: Run} | {op: 'retry'; run: Run; waitMs: number}

export interface VerdictContext {
  run: Run
  attempt: number
  /** When the attempt began, ms since the epoch, Redis time. */
  startedAt: number
  maxErrors: number
  backoff: Backoff
  /** 0 ≤ random < 1. */
  random: number
}

/** Lost leases that bury a task: one that kills whoever touches it must not do so for ever. */
export const maxLostLeases = 5

const historyKept = 20
const earlierResponseBytes = 128

/** Judges an outcome: delivered, retry after a wait, or dead. */
export function verdict(outcome: Outcome, context: VerdictContext): Verdict {
  const code = failureOf(outcome)
  const run = endAttempt(context.run, attemptOf(outcome, code, context))
  if (code === null) return {op: 'complete', run}
  if (code === 'aborted') return {op: 'release', run}

  const failed = {...run, errors: run.errors + 1}
  if (isFinal(code) || failed.errors >= context.maxErrors) return {op: 'bury', run: failed}
  const now = context.startedAt + outcome.durationMs
  const retryAfterMs = parseRetryAfter(outcome.retryAfter, now)
  return {op: 'retry', run: failed, waitMs: retryWaitMs(failed.errors, context.backoff, {random: context.random, retryAfterMs})}
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
  const ended: Attempt = {attempt, startedAt, durationMs: 0, status: null, error: 'corrupt', message, response: null}
  return {op: 'bury', run: endAttempt(run, ended)}
}

/** Null where the outcome is a success. */
function failureOf({status, error, noRetry}: Outcome): OutcomeCode | null {
  if (error !== null) return error
  if (status !== null && status >= 200 && status < 300) return null
  if (status === 410) return 'gone'
  return noRetry ? 'no_retry' : 'http_status'
}

function isFinal(code: OutcomeCode): boolean {
  return code === 'gone' || code === 'no_retry' || code === 'egress_denied'
}

function attemptOf(outcome: Outcome, error: OutcomeCode | null, {attempt, startedAt}: VerdictContext): Attempt {
  const {status, durationMs, response} = outcome
  const message = error === null ? null : (outcome.message ?? `${status} ${STATUS_CODES[status ?? 0] ?? ''}`.trim())
  return {attempt, startedAt, durationMs, status, error, message, response}
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
