import {TorqueError} from '../errors.js'
import {type JsonValue, type Member, readObject} from './json-text.js'
import {PlainParams} from './plain-params.js'

const options = {code: 'invalid_params', field: 'params'} as const

/**
 * Encoding makes text at most three times as long, so params of the greatest size fit in. What does not is a long key
 * repeated by a long array, which would grow with the square of its source.
 */
const maxFormLength = 4 << 20

/** Throws what `paramsToForm` would: `invalid_params`. */
export function checkParams(text: string): void {
  // Plain ones are too short for too long a form.
  if (!new PlainParams(text).isPlain()) readForm(text)
}

/**
 * The form that `params`, the text of a JSON object, is sent as. Keys in the order written; strings as they are, numbers
 * and nested objects as written; `null` is an empty value; an array repeats its key. Encoded as the WHATWG URL standard
 * says for `application/x-www-form-urlencoded`. Throws `invalid_params`.
 */
export function paramsToForm(text: string): string {
  return new PlainParams(text).form() ?? readForm(text)
}

function readForm(text: string): string {
  let form = ''
  for (const {key, value} of readObject(text, options)) {
    const name = encode(key)
    for (const item of itemsOf(value)) {
      form += `${form === '' ? '' : '&'}${name}=${encode(formValue(item))}`
      if (form.length > maxFormLength)
        throw new TorqueError('invalid_params', `params make a form of more than ${maxFormLength} bytes`, options)
    }
  }
  return form
}

/**
 * Whether the form of `params`, the text of an object, has a field of that name with that value. Texts that do not even hold
 * the two, and nothing in another spelling, are not read at all: it is asked of every task that a filter goes over.
 */
export function paramsHave(text: string, name: string, value: string): boolean {
  if (!text.includes('\\') && !(text.includes(name) && text.includes(value))) return false
  return membersOf(text).some((member) => member.key === name && itemsOf(member.value).some((item) => formValue(item) === value))
}

/** What is stored was checked; where it was damaged since, it has no fields. */
function membersOf(text: string): readonly Member[] {
  try {
    return readObject(text, options)
  } catch (error) {
    if (error instanceof TorqueError) return []
    throw error
  }
}

function itemsOf(value: JsonValue): readonly JsonValue[] {
  return value.kind === 'array' ? value.items : [value]
}

function formValue(value: JsonValue): string {
  if (value.kind === 'string') return value.value
  return value.kind === 'null' ? '' : value.text
}

const needsEncoding = /[^A-Za-z0-9*\-._]/
/** What `encodeURIComponent` leaves alone or writes otherwise than a form does. */
const otherwise = /%20|[!'()~]/g

function encode(text: string): string {
  if (!needsEncoding.test(text)) return text
  return encodeURIComponent(text).replace(otherwise, formEscape)
}

function formEscape(escape: string): string {
  return escape === '%20' ? '+' : `%${escape.charCodeAt(0).toString(16).toUpperCase()}`
}
