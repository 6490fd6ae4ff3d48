import {parseDuration} from './duration.js'
import {type TaskFieldName, type TaskFields, invalidField} from './fields.js'
import type {OwnPolicy} from './policy.js'
import {quote} from './quote.js'
import {parseStatuses} from './statuses.js'

const dayMs = 86_400_000
const [minTimeoutMs, maxTimeoutMs] = [1000, 30 * 60_000]
/** As the longest delay. */
const maxDays = 366
const maxMaxErrors = 1000
const maxFactor = 100
const maxWaits = 100

/** What fields say of how a hook is called and tried again. Throws the error of the first bad one. */
export function parsePolicy(given: TaskFields): OwnPolicy {
  const policy: OwnPolicy = {}
  if (given.timeout !== undefined) policy.timeoutMs = parseTimeout(given.timeout)
  if (given.maxErrors !== undefined) policy.maxErrors = parseMaxErrors(given.maxErrors)
  if (given.minBackoff !== undefined) policy.minBackoffMs = parseLength('minBackoff', given.minBackoff)
  if (given.maxBackoff !== undefined) policy.maxBackoffMs = parseLength('maxBackoff', given.maxBackoff)
  if (given.factor !== undefined) policy.factor = parseFactor(given.factor)
  if (given.waits !== undefined) policy.waitsMs = parseWaits(given)
  if (given.maxAge !== undefined) policy.maxAgeMs = parseLength('maxAge', given.maxAge)
  if (given.noRetry !== undefined) policy.noRetry = parseList('noRetry', given.noRetry)
  if (given.success !== undefined) policy.success = parseList('success', given.success)
  return policy
}

function parseTimeout(text: string): number {
  const timeoutMs = parseDuration(text, {code: 'invalid_timeout', field: 'timeout'})
  if (timeoutMs >= minTimeoutMs && timeoutMs <= maxTimeoutMs) return timeoutMs
  return invalidField('timeout', `${quote(text)} is not between 1s and 30m`)
}

function parseMaxErrors(text: string): number {
  const maxErrors = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Infinity
  if (maxErrors <= maxMaxErrors) return maxErrors
  return invalidField('maxErrors', `${quote(text)} is not a whole number from 1 to ${maxMaxErrors}`)
}

/** Of a wait, or an age: 1 ms to a year. */
function parseLength(field: 'minBackoff' | 'maxBackoff' | 'waits' | 'maxAge', text: string): number {
  const ms = parseDuration(text, {code: field === 'maxAge' ? 'invalid_max_age' : 'invalid_backoff', field})
  return ms >= 1 && ms <= maxDays * dayMs ? ms : invalidField(field, `${quote(text)} is not between 1ms and ${maxDays}d`)
}

function parseFactor(text: string): number {
  const factor = /^\d{1,3}(?:\.\d{1,6})?$/.test(text) ? Number(text) : NaN
  return factor >= 1 && factor <= maxFactor
    ? factor
    : invalidField('factor', `${quote(text)} is not a number from 1 to ${maxFactor}`)
}

function parseWaits({waits = '', minBackoff, maxBackoff, factor}: TaskFields): number[] {
  if (minBackoff !== undefined || maxBackoff !== undefined || factor !== undefined)
    invalidField('waits', 'stand in place of minBackoff, maxBackoff and factor: give the one or the others')
  const items = waits.split(/\s*,\s*|\s+/)
  if (items.length > maxWaits) invalidField('waits', `has ${items.length} waits, more than ${maxWaits}`)
  return items.map((item) => parseLength('waits', item))
}

function parseList(field: TaskFieldName & ('noRetry' | 'success'), text: string): string {
  const what = 'is not a list of statuses such as 400,401,5xx (300 to 999), or none'
  return parseStatuses(text) ?? invalidField(field, `${quote(text)} ${what}`)
}
