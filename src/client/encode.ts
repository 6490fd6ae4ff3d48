import {type ErrorCode, TorqueError} from '../errors.js'
import {newId} from '../task/id.js'
import {quote} from '../task/quote.js'
import type {TaskFields} from './fields.js'

/** A task ready to be sent, again and again if need be: its text names it, so that the server adds it once. */
export interface EncodedTask {
  text: string
  /** Absent when it goes by its `idempotencyKey` or `replace` alone. */
  id: string | undefined
  /** The id was made here, so a "duplicate" can only be our own earlier try. */
  ownId: boolean
}

/** The JSON of a task. Throws where JSON would lose something silently: a BigInt, a function, NaN, a Map, a cycle. */
export function encodeTask(fields: TaskFields, id: string = newId()): EncodedTask {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new TorqueError('invalid_request', 'a task is an object with a url, such as {url: "http://localhost/hooks/do/foo"}')
  }
  // One that replaces another goes by the other's id.
  const named = isGiven(fields.id) || isGiven(fields.idempotencyKey) || isGiven(fields.replace)
  const all = named ? fields : {...fields, id}
  const members = Object.entries(all).flatMap(([name, value]) => encodeField(name, value))
  return {text: `{${members.join(',')}}`, id: named ? fields.id?.trim() || undefined : id, ownId: !named}
}

// The server takes a blank field as absent.
const isGiven = (value: string | undefined) => typeof value === 'string' && value.trim() !== ''

function encodeField(name: string, value: unknown): string[] {
  if (value === undefined) return []
  return [`${JSON.stringify(name)}:${encodeValue(name, value)}`]
}

function encodeValue(field: string, value: unknown): string {
  try {
    return JSON.stringify(value, refuseLossy)
  } catch (cause) {
    const code = codes[field] ?? 'invalid_request'
    throw new TorqueError(code, `${field} cannot be sent as JSON: ${reasonOf(cause)}`, {field, cause})
  }
}

const codes: Record<string, ErrorCode> = {
  url: 'invalid_url',
  params: 'invalid_params',
  json: 'invalid_json',
  body: 'invalid_body',
  headers: 'invalid_headers',
  delay: 'invalid_delay',
  at: 'invalid_at',
  timeout: 'invalid_timeout',
  maxErrors: 'invalid_max_errors',
  minBackoff: 'invalid_backoff',
  maxBackoff: 'invalid_backoff',
  factor: 'invalid_backoff',
  waits: 'invalid_backoff',
  maxAge: 'invalid_max_age',
  noRetry: 'invalid_statuses',
  success: 'invalid_statuses',
  unique: 'invalid_unique',
  replace: 'invalid_replace',
}

/** A replacer that replaces nothing. It looks at the value as it was given, before `toJSON` had its turn. */
function refuseLossy(this: unknown, key: string, value: unknown): unknown {
  const given = (this as Record<string, unknown>)[key]
  const what = lossy(given, Array.isArray(this))
  if (what) throw new TypeError(key === '' ? `it is ${what}` : `${quote(key)} is ${what}`)
  return value
}

function lossy(value: unknown, inArray: boolean): string | undefined {
  if (typeof value === 'bigint') return 'a BigInt (give its digits as a string)'
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value === undefined && inArray) return 'undefined'
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date'
  if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`
  if (value instanceof Promise) return 'a Promise (await it first)'
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'binary data (give a string)'
  return undefined
}

function reasonOf(cause: unknown): string {
  if (cause instanceof RangeError) return 'it is nested too deeply'
  const [line = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
  return line.startsWith('Converting circular') ? 'it contains itself' : line
}
