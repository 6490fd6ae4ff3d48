import {Cron} from 'croner'

import {TorqueError} from '../errors.js'
import {quote} from './quote.js'

/** When a schedule's tasks are due: a cron expression on the clocks of a zone, or every so many ms, counted from an instant. */
export type Ticking = CronTicking | {everyMs: number; from: number}

interface CronTicking {
  cron: string
  /** An IANA name, such as `Europe/Berlin`. */
  tz: string
}

/** Longer than any that says something. */
const maxCronLength = 120

/** The first tick after an instant (both ms since the epoch); null where there is none. */
export function nextTick(ticking: Ticking, after: number): number | null {
  if ('everyMs' in ticking) {
    const {everyMs, from} = ticking
    return from + (Math.max(0, Math.floor((after - from) / everyMs)) + 1) * everyMs
  }
  return open(ticking).nextRun(new Date(after))?.getTime() ?? null
}

/** The last tick that is not after an instant, of those from `first`, itself a tick, on. */
export function lastTick(ticking: Ticking, first: number, now: number): number {
  if ('everyMs' in ticking) return first + Math.floor((now - first) / ticking.everyMs) * ticking.everyMs
  // croner looks for those before an instant.
  const [last] = open(ticking).previousRuns(1, new Date(now + 1))
  return Math.max(first, last?.getTime() ?? first)
}

/** The next `count` ticks after an instant. */
export function nextTicks(ticking: Ticking, after: number, count: number): number[] {
  const ticks: number[] = []
  for (let at = nextTick(ticking, after); at !== null && ticks.length < count; at = nextTick(ticking, at)) ticks.push(at)
  return ticks
}

/**
 * Reads a cron expression: five fields, or six with seconds in front, or a name such as `@daily`, on the clocks of a zone.
 * Throws `invalid_schedule`, also where no tick comes after `now`.
 */
export function parseCron(cron: string, tz: string, now: number): Ticking {
  const ticking = {cron, tz}
  checkZone(tz)
  // croner takes an instant for a pattern, too.
  const fields = cron.split(/\s+/).length
  if (cron.length > maxCronLength || !(/^@[a-z]+$/i.test(cron) || (fields >= 5 && fields <= 7))) throw notCron(cron)
  try {
    if (nextTick(ticking, now) === null) throw invalid('cron', `${quote(cron)} never comes`)
  } catch (error) {
    throw error instanceof TorqueError ? error : notCron(cron, error)
  }
  return ticking
}

function checkZone(tz: string): void {
  try {
    new Intl.DateTimeFormat('en', {timeZone: tz})
  } catch {
    throw invalid('tz', `${quote(tz)} is not a time zone such as Europe/Berlin or UTC`)
  }
}

function open({cron, tz}: CronTicking): Cron {
  return new Cron(cron, {timezone: tz, paused: true})
}

function notCron(cron: string, error?: unknown): TorqueError {
  const why = error instanceof Error ? ` (${error.message.replace(/^Cron\w+: /, '')})` : ''
  return invalid('cron', `${quote(cron)} is not a cron expression such as '*/5 * * * *' or @daily${why}`)
}

function invalid(field: string, what: string): TorqueError {
  return new TorqueError('invalid_schedule', `${field} ${what}`, {field})
}
