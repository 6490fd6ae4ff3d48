import {describe, expect, it} from 'vitest'

import {defaultBackoff} from '../../src/task/backoff.js'
import {defaultLimits} from '../../src/task/limits.js'
import type {Policy} from '../../src/task/policy.js'
import {type Run, newRun} from '../../src/task/task.js'
import {type VerdictContext, expiredVerdict, isLastAttempt, isTooOld, verdict} from '../../src/task/verdict.js'
import {anOutcome} from '../support/tasks.js'

const startedAt = Date.UTC(2026, 10, 23, 17, 0, 0)

/** Half way, so that the jitter is none. */
const policy: Policy = {...defaultLimits, ...defaultBackoff}
const context: VerdictContext = {run: newRun, attempt: 1, startedAt, dueAt: startedAt, policy, random: 0.5}

const runOf = (changes: Partial<Run>): Run => ({...newRun, ...changes})

describe('an age limit', () => {
  const aged = {...policy, maxAgeMs: 60_000, minBackoffMs: 10_000, factor: 1}

  it('notes when it was first due with the first error, and keeps to that', () => {
    const first = verdict(anOutcome({status: 500}), {...context, policy: aged, dueAt: startedAt - 20_000})
    const second = verdict(anOutcome({status: 500}), {...context, policy: aged, run: first.run, attempt: 2})

    expect(first).toMatchObject({op: 'retry', run: {dueSince: startedAt - 20_000}})
    expect(second).toMatchObject({op: 'retry', run: {dueSince: startedAt - 20_000}})
  })

  it.each([
    [50_000 - 5, 'retry', 'http_status'],
    [50_000 - 4, 'bury', 'expired'],
  ])('where the next attempt would come after it, buries: due %i ms ago is to %s', (agoMs, op, error) => {
    const run = runOf({errors: 1, dueSince: startedAt - agoMs})

    expect(verdict(anOutcome({status: 503}), {...context, policy: aged, run})).toMatchObject({
      op,
      run: {errors: 2, history: [{status: 503, error, message: expect.stringContaining('503 Service Unavailable')}]},
    })
  })

  it('buries for a Retry-After that reaches beyond it', () => {
    expect(verdict(anOutcome({status: 503, retryAfter: '61'}), {...context, policy: aged})).toMatchObject({
      op: 'bury',
      run: {history: [{error: 'expired'}]},
    })
  })

  it('leaves the number of errors as the first limit where that is reached first', () => {
    const run = runOf({errors: 9, dueSince: startedAt - 59_000})

    expect(verdict(anOutcome({status: 503}), {...context, policy: aged, run})).toMatchObject({
      op: 'bury',
      run: {history: [{error: 'http_status'}]},
    })
  })

  it('buries what is too old to be called, as an attempt without a call', () => {
    const [now, dueAt] = [startedAt, startedAt - 60_001]

    expect([isTooOld(newRun, aged, {now, dueAt}), isTooOld(newRun, aged, {now, dueAt: dueAt + 1})]).toEqual([true, false])
    expect(isTooOld(newRun, policy, {now, dueAt: 0})).toBe(false)
    expect(expiredVerdict(newRun, 1, startedAt, aged)).toMatchObject({
      op: 'bury',
      run: {attempts: 1, errors: 0, history: [{attempt: 1, durationMs: 0, status: null, error: 'expired'}]},
    })
  })
})

describe('the last attempt', () => {
  it.each([
    ['that of the last error', {...policy, maxErrors: 3}, runOf({errors: 2}), true],
    ['not the one before', {...policy, maxErrors: 3}, runOf({errors: 1}), false],
    ['the only one', {...policy, maxErrors: 1}, newRun, true],
    // The shortest wait after the third error is 25.6 s.
    ['one after which even the shortest wait is too long', {...policy, maxAgeMs: 25_599}, runOf({errors: 2}), true],
    ['not one after which there may be another', {...policy, maxAgeMs: 25_600}, runOf({errors: 2}), false],
  ])('is %s', (_what, each, run, isLast) => {
    expect(isLastAttempt({run, policy: each, startedAt, dueAt: startedAt})).toBe(isLast)
  })
})
