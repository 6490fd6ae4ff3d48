import {TorqueError} from '../errors.js'
import type {JsonValue} from './json-text.js'
import {type Attempt, type Run, outcomeCodes} from './task.js'

/** As the codec keeps them. */
const mostAttempts = 20
const longestText = 4096

/** What became of a task, from a line of `torque export`. Throws `invalid_request`. */
export function readPortableRun(values: ReadonlyMap<string, JsonValue>, {history}: {history: boolean}): Run {
  const [attempts, errors, lostLeases] = ['attempt', 'errors', 'lostLeases'].map((name) => wholeNumber(values.get(name), name))
  const since = values.get('dueSince')
  const listed = values.get('attempts')
  return {
    attempts: attempts!,
    errors: errors!,
    lostLeases: lostLeases!,
    ...(since !== undefined && {
      dueSince: since.kind === 'string' ? readInstant(since.value, 'dueSince') : fail('dueSince', 'is no instant'),
    }),
    history: history && listed ? readAttempts(listed) : [],
  }
}

function wholeNumber(value: JsonValue | undefined, name: string): number {
  return value && /^\d{1,15}$/.test(value.text) ? Number(value.text) : fail(name, 'is not a whole number')
}

function readAttempts(value: JsonValue): Attempt[] {
  if (value.kind !== 'array' || value.items.length > mostAttempts)
    return fail('attempts', `is not a list of up to ${mostAttempts}`)
  return value.items.map((item) => readAttempt(JSON.parse(item.text) as Record<string, unknown>))
}

function readAttempt(given: Record<string, unknown>): Attempt {
  if (given === null || typeof given !== 'object') return fail('attempts', 'holds something that is no attempt')
  const error = given['error'] ?? null
  const code =
    error === null
      ? null
      : (outcomeCodes.find((candidate) => candidate === error) ?? fail('attempts', 'has an error of no known code'))
  const startedAt = given['startedAt'] ?? null
  return {
    attempt: number(given['attempt']) ?? fail('attempts', 'has one without its number'),
    startedAt: typeof startedAt === 'string' ? readInstant(startedAt, 'attempts') : null,
    durationMs: number(given['durationMs']),
    status: number(given['status']),
    error: code,
    message: text(given['message']),
    response: text(given['response']),
  }
}

function number(value: unknown): number | null {
  if (value === null || value === undefined) return null
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail('attempts', 'has a number that is none')
}

function text(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' && value.length <= longestText
    ? value
    : fail('attempts', 'has a text that is none, or too long')
}

function readInstant(value: string, field: string): number {
  const ms = Date.parse(value)
  return ms >= 0 ? ms : fail(field, 'is not an instant')
}

function fail(field: string, what: string): never {
  throw new TorqueError('invalid_request', `${field} ${what}`, {field})
}
