import {type ErrorCode, TorqueError} from '../errors.js'
import {type JsonValue, type Member, readObject} from './json-text.js'
import {quote} from './quote.js'

/** Every field of an add, through whichever door, and the error that a bad value of it gets. */
const codes = {
  url: 'invalid_url',
  params: 'invalid_params',
  json: 'invalid_json',
  body: 'invalid_body',
  contentType: 'invalid_content_type',
  method: 'invalid_method',
  headers: 'invalid_headers',
  delay: 'invalid_delay',
  at: 'invalid_at',
  queue: 'invalid_queue',
  id: 'invalid_id',
  idempotencyKey: 'invalid_idempotency_key',
  timeout: 'invalid_timeout',
  maxErrors: 'invalid_max_errors',
  minBackoff: 'invalid_backoff',
  maxBackoff: 'invalid_backoff',
  factor: 'invalid_backoff',
  waits: 'invalid_backoff',
  maxAge: 'invalid_max_age',
  noRetry: 'invalid_statuses',
  success: 'invalid_statuses',
  flowKey: 'invalid_flow_key',
  unique: 'invalid_unique',
  replace: 'invalid_replace',
  onDelivered: 'invalid_url',
  onDead: 'invalid_url',
  traceparent: 'invalid_trace',
  tracestate: 'invalid_trace',
} as const satisfies Record<string, ErrorCode>

export type TaskFieldName = keyof typeof codes

/** What was asked for, as text, not yet checked. `params`, `json` and `headers` are JSON text. Absent, undefined and blank are the same. */
export type TaskFields = {[name in TaskFieldName]?: string | undefined}

export const taskFieldNames = Object.keys(codes) as TaskFieldName[]

/** `queue_name` is what the original's later versions called it. */
const names = new Map<string, TaskFieldName>([...taskFieldNames.map((name) => [name, name] as const), ['queue_name', 'queue']])

/** The fields of a form or a query string: the last of a name wins. Throws `unknown_field`. */
export function fieldsFromPairs(pairs: Iterable<readonly [name: string, value: string]>): TaskFields {
  const fields: TaskFields = {}
  for (const [name, value] of pairs) fields[fieldName(name)] = value
  return fields
}

/** The fields of a JSON object's text. Throws `unknown_field`, or `invalid_json` where it is no object. */
export function fieldsFromJson(text: string): TaskFields {
  // Room for a payload that is itself at its limits; what it may hold is checked with the task.
  return fieldsFromObject(readObject(text, {maxDepth: 40, maxKeys: 101_000}))
}

/**
 * The fields of a JSON object. `params` and `headers` may be objects, or strings that hold JSON; `json` is any value, taken
 * as such; `waits`, `noRetry` and `success` may be arrays; others are strings or numbers. `null` is absent, but for `json`.
 * Throws `unknown_field`.
 */
export function fieldsFromObject(members: Iterable<Member>): TaskFields {
  const fields: TaskFields = {}
  for (const {key, value} of members) {
    const name = fieldName(key)
    const text = name === 'json' ? value.text : fieldText(name, value)
    if (text !== undefined) fields[name] = text
  }
  return fields
}

function fieldText(name: TaskFieldName, value: JsonValue): string | undefined {
  if (value.kind === 'string') return value.value
  if (value.kind === 'null') return undefined
  if (value.kind === 'number' || name === 'params' || name === 'headers') return value.text
  if (value.kind === 'array' && lists.has(name)) return value.items.map((item) => itemText(name, item)).join(',')
  return invalidField(name, `must be a string, not ${quote(value.text)}`)
}

/** As text their items stand between commas. */
const lists: ReadonlySet<TaskFieldName> = new Set(['waits', 'noRetry', 'success'])

function itemText(name: TaskFieldName, item: JsonValue): string {
  if (item.kind === 'string' && !item.value.includes(',')) return item.value
  return item.kind === 'number' ? item.text : invalidField(name, `must not hold ${quote(item.text)}`)
}

function fieldName(name: string): TaskFieldName {
  const known = names.get(name)
  if (known) return known
  throw new TorqueError('unknown_field', `there is no field ${quote(name)}`, {
    field: name,
    hint: `fields are ${taskFieldNames.join(', ')}`,
  })
}

/** Refuses the value of a field, with the code that goes with it. */
export function invalidField(name: TaskFieldName, what: string): never {
  throw new TorqueError(codes[name], `${name} ${what}`, {field: name})
}
