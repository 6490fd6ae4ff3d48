import {parseDuration} from './duration.js'
import {type TaskFields, invalidField} from './fields.js'
import {quote} from './quote.js'
import type {NewTask} from './task.js'

/** A year, leap day included. */
const maxAheadDays = 366
const maxAheadMs = maxAheadDays * 86_400_000

const instant =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/

/** When a task is due: after `delay`, or at the instant `at`, or as soon as possible. `now` only bounds `at`. */
export function parseDue({delay, at}: TaskFields, now: number): NewTask['due'] {
  if (at === undefined) return {delayMs: delay === undefined ? 0 : parseDelay(delay)}
  if (delay !== undefined) invalidField('at', 'and delay exclude each other')
  const time = parseInstant(at)
  if (time > now + maxAheadMs) invalidField('at', `${quote(at)} is more than ${maxAheadDays} days ahead`)
  return {at: time}
}

function parseDelay(text: string): number {
  const delayMs = parseDuration(text, {code: 'invalid_delay', field: 'delay'})
  return delayMs <= maxAheadMs ? delayMs : invalidField('delay', `${quote(text)} is longer than ${maxAheadDays} days`)
}

/** ISO 8601 with a zone, or unix seconds; in ms since the epoch, rounded up so that nothing comes early. */
export function parseInstant(text: string): number {
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return parseDuration(text)
  const [, year, month, day] = instant.exec(text) ?? []
  // Date.parse takes 31 February for 3 March.
  if (day === undefined || new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() !== Number(day)) {
    invalidField('at', `${quote(text)} is not an instant such as 2026-11-23T17:00:00Z (the zone is needed), or unix seconds`)
  }
  const beyondMs = /\.\d{3}\d*[1-9]/.test(text) ? 1 : 0
  return Date.parse(text) + beyondMs
}
