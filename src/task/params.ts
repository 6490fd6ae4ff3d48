import {TorqueError} from '../errors.js'
import {type JsonValue, readObject} from './json-text.js'
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

function encode(text: string): string {
  if (!needsEncoding.test(text)) return text
  return encodeURIComponent(text).replace(otherwise, formEscape)
}

function formEscape(escape: string): string {
  return escape === '%20' ? '+' : `%${escape.charCodeAt(0).toString(16).toUpperCase()}`
}
