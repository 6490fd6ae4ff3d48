import {type Backoff, backoffMs, jitter} from './backoff.js'

/** A length of time in ms, and between what jitter may put it. */
export interface Span {
  ms: number
  leastMs: number
  mostMs: number
}

export interface RetrySchedule extends Backoff {
  maxErrors: number
  /** After which error, how long the wait is, and how long after the first attempt it ends. */
  retries: {error: number; wait: Span; after: Span}[]
}

/** When a task that keeps failing is tried again, its calls taking no time, until the error that bins it. */
export function retrySchedule(backoff: Backoff, maxErrors: number): RetrySchedule {
  let after: Span = {ms: 0, leastMs: 0, mostMs: 0}
  const retries = Array.from({length: maxErrors - 1}, (_, index) => {
    const wait = spread(backoffMs(index + 1, backoff))
    after = {ms: after.ms + wait.ms, leastMs: after.leastMs + wait.leastMs, mostMs: after.mostMs + wait.mostMs}
    return {error: index + 1, wait, after}
  })
  return {...backoff, maxErrors, retries}
}

function spread(ms: number): Span {
  return {ms, leastMs: Math.round(ms * (1 - jitter)), mostMs: Math.round(ms * (1 + jitter))}
}
