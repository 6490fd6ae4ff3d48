import {describe, expect, it} from 'vitest'

import {defaultBackoff} from '../../src/task/backoff.js'
import {defaultLimits} from '../../src/task/limits.js'
import type {Policy} from '../../src/task/policy.js'
import {type Attempt, type OutcomeCode, type Run, newRun} from '../../src/task/task.js'
import {type VerdictContext, corruptVerdict, lostLeaseVerdict, maxLostLeases, verdict} from '../../src/task/verdict.js'
import {anOutcome} from '../support/tasks.js'

const startedAt = Date.UTC(2026, 10, 23, 17, 0, 0)

/** Half way, so that the jitter is none. */
const policy: Policy = {...defaultLimits, ...defaultBackoff}
const context: VerdictContext = {run: newRun, attempt: 1, startedAt, dueAt: startedAt, policy, random: 0.5}

const runOf = (changes: Partial<Run>): Run => ({...newRun, ...changes})

function attemptOf(attempt: number, response: string | null = null): Attempt {
  return {attempt, startedAt, durationMs: 5, status: 500, error: 'http_status', message: 'm', response}
}

describe('verdict', () => {
  it.each([200, 201, 202, 204, 226, 299])('delivers on %i', (status) => {
    const outcome = anOutcome({status, response: 'thanks'})

    expect(verdict(outcome, context)).toEqual({
      op: 'complete',
      target: 'answered',
      run: runOf({
        attempts: 1,
        history: [{attempt: 1, startedAt, durationMs: 5, status, error: null, message: null, response: 'thanks'}],
      }),
    })
  })

  it.each([100, 101, 199, 300, 301, 304, 307, 400, 401, 404, 408, 429, 500, 502, 503, 504, 599, 999])(
    'retries on %i',
    (status) => {
      expect(verdict(anOutcome({status}), context)).toMatchObject({
        op: 'retry',
        waitMs: 2000,
        run: {attempts: 1, errors: 1, history: [{status, error: 'http_status'}]},
      })
    },
  )

  it.each<OutcomeCode>([
    'timeout',
    'connect_refused',
    'connect_timeout',
    'connect_failed',
    'connection_reset',
    'dns',
    'tls',
    'protocol',
    'internal',
  ])('retries on %s', (error) => {
    const outcome = anOutcome({status: null, error, message: 'what went wrong'})

    expect(verdict(outcome, context)).toMatchObject({
      op: 'retry',
      run: {errors: 1, history: [{status: null, error, message: 'what went wrong'}]},
    })
  })

  it.each([
    ['410 Gone', anOutcome({status: 410}), 'gone'],
    ['an answer that wants no retry', anOutcome({status: 500, noRetry: true}), 'no_retry'],
    ['410 Gone that wants none either', anOutcome({status: 410, noRetry: true}), 'gone'],
    [
      'an egress denial',
      anOutcome({status: null, error: 'egress_denied', message: '169.254.169.254 is denied'}),
      'egress_denied',
    ],
  ])('buries at once for %s', (_what, outcome, error) => {
    expect(verdict(outcome, context)).toMatchObject({op: 'bury', run: {attempts: 1, errors: 1, history: [{error}]}})
  })

  it('delivers on a 2xx also where the answer wants no retry', () => {
    expect(verdict(anOutcome({noRetry: true}), context).op).toBe('complete')
  })

  it('fails where the protocol was broken after a 2xx', () => {
    const outcome = anOutcome({status: 200, error: 'protocol', message: 'two Content-Length headers'})

    expect(verdict(outcome, context)).toMatchObject({op: 'retry', run: {history: [{status: 200, error: 'protocol'}]}})
  })

  it('gives an aborted call back, without an error', () => {
    const outcome = anOutcome({status: null, error: 'aborted', message: 'torque is shutting down'})

    expect(verdict(outcome, {...context, run: runOf({errors: 3, attempts: 3}), attempt: 4})).toMatchObject({
      op: 'release',
      run: {attempts: 4, errors: 3, history: [{attempt: 4, error: 'aborted'}]},
    })
  })

  it.each([
    [1, 0, 'bury'],
    [2, 0, 'retry'],
    [10, 8, 'retry'],
    [10, 9, 'bury'],
    [10, 12, 'bury'],
  ])('with a limit of %i errors and %i so far is to %s', (maxErrors, errors, op) => {
    expect(verdict(anOutcome({status: 500}), {...context, policy: {...policy, maxErrors}, run: runOf({errors})})).toMatchObject({
      op,
      run: {errors: errors + 1},
    })
  })

  it('counts errors, not attempts', () => {
    const run = runOf({attempts: 40, errors: 0, lostLeases: 4})

    expect(verdict(anOutcome({status: 500}), {...context, run, attempt: 41, policy: {...policy, maxErrors: 2}})).toMatchObject({
      op: 'retry',
      waitMs: 2000,
      run: {attempts: 41, errors: 1, lostLeases: 4},
    })
  })

  it('waits longer after each error', () => {
    const waits = [0, 1, 2, 7].map((errors) => verdict(anOutcome({status: 500}), {...context, run: runOf({errors})}))

    expect(waits).toMatchObject([2000, 8000, 32_000, 21_600_000].map((waitMs) => ({waitMs})))
  })

  it.each([
    ['seconds', '60', 60_000],
    ['a date, from when the answer came', 'Mon, 23 Nov 2026 17:01:00 GMT', 59_000],
    ['less than the backoff', '1', 2000],
    ['garbage', 'soon', 2000],
    ['more than a day', '172800', 86_400_000],
  ])('heeds Retry-After: %s', (_what, retryAfter, waitMs) => {
    expect(verdict(anOutcome({status: 503, retryAfter, durationMs: 1000}), context)).toMatchObject({op: 'retry', waitMs})
  })

  it.each([
    [503, '503 Service Unavailable'],
    [599, '599'],
    [999, '999'],
  ])('says %i in words', (status, message) => {
    expect(verdict(anOutcome({status}), context).run.history).toMatchObject([{message}])
  })

  it.each([
    [404, 'complete', null],
    [410, 'complete', null],
    [400, 'bury', 'no_retry'],
    [503, 'retry', 'http_status'],
  ])('heeds the lists of statuses, that of successes first: %i', (status, op, error) => {
    const listed = {...policy, success: '404,410', noRetry: '4xx'}

    expect(verdict(anOutcome({status, noRetry: status === 410}), {...context, policy: listed})).toMatchObject({
      op,
      run: {history: [{status, error}]},
    })
  })

  it('waits as the list says, the last of it again and again', () => {
    const listed = {...policy, waitsMs: [5000, 60_000]}
    const waits = [0, 1, 2, 7].map((errors) =>
      verdict(anOutcome({status: 500}), {...context, policy: listed, run: runOf({errors})}),
    )

    expect(waits).toMatchObject([5000, 60_000, 60_000, 60_000].map((waitMs) => ({waitMs})))
  })

  it('changes nothing of what it is given', () => {
    const run = Object.freeze({...newRun, history: Object.freeze([Object.freeze(attemptOf(1, 'x'.repeat(1000)))]) as Attempt[]})

    expect(() => verdict(anOutcome({status: 500}), {...context, run, attempt: 2})).not.toThrow()
  })
})

describe('the history', () => {
  it('keeps the newest 20', () => {
    const run = runOf({attempts: 20, history: Array.from({length: 20}, (_, index) => attemptOf(index + 1))})

    const {history} = verdict(anOutcome({status: 500}), {...context, run, attempt: 21}).run

    expect(history.map(({attempt}) => attempt)).toEqual(Array.from({length: 20}, (_, index) => index + 2))
  })

  it('keeps the newest answer whole and 128 bytes of earlier ones', () => {
    const long = 'x'.repeat(1024)
    let run = newRun
    for (const attempt of [1, 2, 3]) run = verdict(anOutcome({status: 500, response: long}), {...context, run, attempt}).run

    expect(run.history.map(({response}) => response?.length)).toEqual([128, 128, 1024])
  })

  it.each([
    [`${'x'.repeat(127)}🦆`, 'x'.repeat(127)],
    ['ü'.repeat(100), 'ü'.repeat(64)],
    [`\ufeff${'x'.repeat(200)}`, `\ufeff${'x'.repeat(125)}`],
  ])('cuts no character in two, and counts bytes: %s', (response, kept) => {
    const run = runOf({attempts: 1, history: [attemptOf(1, response)]})

    const [earlier] = verdict(anOutcome(), {...context, run, attempt: 2}).run.history

    expect(earlier?.response).toBe(kept)
  })
})

describe('lostLeaseVerdict', () => {
  it('gives the task back, with a lost lease and no error', () => {
    expect(lostLeaseVerdict(runOf({attempts: 2, errors: 1, lostLeases: 1}), 3)).toMatchObject({
      op: 'release',
      run: {attempts: 3, errors: 1, lostLeases: 2, history: [{attempt: 3, startedAt: null, status: null, error: 'lease_lost'}]},
    })
  })

  it('buries it with the fifth', () => {
    const ops = [0, 1, 2, 3, 4, 7].map((lostLeases) => lostLeaseVerdict(runOf({lostLeases}), 1).op)

    expect(maxLostLeases).toBe(5)
    expect(ops).toEqual(['release', 'release', 'release', 'release', 'bury', 'bury'])
  })
})

describe('corruptVerdict', () => {
  it('buries, and says why', () => {
    expect(corruptVerdict(newRun, 1, startedAt, 'cannot be read')).toMatchObject({
      op: 'bury',
      run: {attempts: 1, history: [{attempt: 1, startedAt, error: 'corrupt', message: 'cannot be read'}]},
    })
  })
})
