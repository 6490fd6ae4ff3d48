import {type ErrorCode, TorqueError} from '../errors.js'
import {JsonReader} from './json-reader.js'
import {quote} from './quote.js'

/** A JSON value that remembers its source: `text` is exactly what was written, blanks inside it included. */
export type JsonValue = {readonly text: string} & (
  | {readonly kind: 'string'; readonly value: string}
  | {readonly kind: 'number' | 'true' | 'false' | 'null'}
  | {readonly kind: 'array'; readonly items: readonly JsonValue[]}
  | {readonly kind: 'object'; readonly members: readonly Member[]}
)

export interface Member {
  readonly key: string
  readonly value: JsonValue
}

export interface ReadOptions {
  /** The error to throw: `invalid_json` by default. */
  code?: ErrorCode
  /** The input field that the error names. */
  field?: string
  /** Levels of arrays and objects, the outermost one included: 32 by default. More than some 1,000 are not safe to read. */
  maxDepth?: number
  /** Keys in the whole text: 1,000 by default. */
  maxKeys?: number
}

/**
 * Reads JSON text and keeps what `JSON.parse` loses: numbers as written, the order of keys. Accepts what `JSON.parse`
 * accepts, less what means different things to different readers (a key given twice, a lone surrogate) and what is beyond the limits.
 */
export function readValue(text: string, options: ReadOptions = {}): JsonValue {
  return new JsonReader(text, options).document()
}

/** Reads JSON text that must be an object: its members in the order written. */
export function readObject(text: string, options: ReadOptions = {}): readonly Member[] {
  const value = readValue(text, options)
  if (value.kind === 'object') return value.members
  const {code = 'invalid_json', field} = options
  throw new TorqueError(code, `${field ?? 'the text'} must be a JSON object, not ${quote(text)}`, {
    ...(field !== undefined && {field}),
  })
}

/** One way to write each value, so that texts which differ in blanks and escapes compare equal. Numbers and key order stay. */
export function canonicalText(value: JsonValue): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value)
    case 'array':
      return `[${value.items.map(canonicalText).join(',')}]`
    case 'object':
      return `{${value.members.map(({key, value: member}) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(',')}}`
    default:
      return value.text
  }
}
