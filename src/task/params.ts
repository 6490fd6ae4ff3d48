import {TorqueError} from '../errors.js'
import {type JsonValue, readObject} from './json-text.js'

const options = {code: 'invalid_params', field: 'params'} as const

/**
 * Encoding makes text at most three times as long, so params of the greatest size fit in. What does not is a long key
 * repeated by a long array, which would grow with the square of its source.
 */
const maxFormLength = 4 << 20

const openBrace = 123

/** A member of the plainest kind, whose value is a string without escapes, a number or a word. */
const plainMember =
  /[ \t\n\r]*"([ !#-[\]-\ud7ff]*)"[ \t\n\r]*:[ \t\n\r]*(?:"([ !#-[\]-\ud7ff]*)"|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false)|null)[ \t\n\r]*([,}])/y

/** Beyond these the reader is no slower. */
const [maxPlainLength, maxPlainMembers] = [4096, 16]

/**
 * Keys and values in turn of params that hold nothing but plain members, which is most; null for all others, good or bad, which
 * are for the reader. At add and at delivery this is in the way of every task.
 */
function plainPairs(text: string): string[] | null {
  if (text.charCodeAt(0) !== openBrace || text.length > maxPlainLength) return null
  const pairs: string[] = []
  plainMember.lastIndex = 1
  for (let end = ','; end === ',';) {
    const match = plainMember.exec(text)
    if (!match || pairs.length === 2 * maxPlainMembers || hasKey(pairs, match[1]!)) return null
    pairs.push(match[1]!, match[2] ?? match[3] ?? '')
    end = match[4]!
  }
  return plainMember.lastIndex === text.length ? pairs : null
}

function hasKey(pairs: readonly string[], key: string): boolean {
  for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === key) return true
  return false
}

/** Throws what `paramsToForm` would: `invalid_params`. */
export function checkParams(text: string): void {
  // Plain ones are too short for too long a form.
  if (!plainPairs(text)) readForm(text)
}

/**
 * The form that `params`, the text of a JSON object, is sent as. Keys in the order written; strings as they are, numbers
 * and nested objects as written; `null` is an empty value; an array repeats its key. Encoded as the WHATWG URL standard
 * says for `application/x-www-form-urlencoded`. Throws `invalid_params`.
 */
export function paramsToForm(text: string): string {
  const pairs = plainPairs(text)
  if (!pairs) return readForm(text)
  let form = ''
  for (let at = 0; at < pairs.length; at += 2) form += `${at === 0 ? '' : '&'}${encode(pairs[at]!)}=${encode(pairs[at + 1]!)}`
  return form
}

function readForm(text: string): string {
  let form = ''
  for (const {key, value} of readObject(text, options)) {
    const name = encode(key)
    for (const item of value.kind === 'array' ? value.items : [value]) {
      form += `${form === '' ? '' : '&'}${name}=${encode(formValue(item))}`
      if (form.length > maxFormLength)
        throw new TorqueError('invalid_params', `params make a form of more than ${maxFormLength} bytes`, options)
    }
  }
  return form
}

function formValue(value: JsonValue): string {
  if (value.kind === 'string') return value.value
  return value.kind === 'null' ? '' : value.text
}

const needsEncoding = /[^A-Za-z0-9*\-._]/
/** What `encodeURIComponent` leaves alone or writes otherwise than a form does. */
const otherwise = /%20|[!'()~]/g

/** How each character of ASCII is written: most of what needs encoding is English with blanks in it. */
const ascii = Array.from({length: 128}, (_, code) => encodeAny(String.fromCharCode(code)))

function encode(text: string): string {
  if (!needsEncoding.test(text)) return text
  let encoded = ''
  for (let at = 0; at < text.length; at++) {
    const written = ascii[text.charCodeAt(at)]
    if (written === undefined) return encodeAny(text)
    encoded += written
  }
  return encoded
}

function encodeAny(text: string): string {
  return encodeURIComponent(text).replace(otherwise, formEscape)
}

function formEscape(escape: string): string {
  return escape === '%20' ? '+' : `%${escape.charCodeAt(0).toString(16).toUpperCase()}`
}
