import {TorqueError} from '../errors.js'
import {type TaskFields, invalidField} from './fields.js'
import {canonicalText, readValue} from './json-text.js'
import {checkParams, paramsToForm} from './params.js'
import {quote} from './quote.js'
import type {Method, Payload} from './task.js'

/** The size of a request to the endpoint, and so of what it can bring. */
const maxBytes = 1 << 20

/** Data has more keys than a form has fields; a repeated look-up in a set of so many is still quick. */
const maxJsonKeys = 100_000

const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:[ \t]*;[\t -~]*)?$/
const maxMediaTypeLength = 255

/** A payload, and how to come by texts that are equal for payloads that send the same: few tasks are ever compared. */
export interface ReadPayload {
  payload: Payload
  canonical: () => readonly string[]
}

/** What a task sends: at most one of `params`, `json` and `body`. */
export function parsePayload(fields: TaskFields, method: Method): ReadPayload {
  const given = (['params', 'json', 'body'] as const).filter((name) => fields[name] !== undefined)
  const [name, another] = given
  if (another)
    throw new TorqueError('invalid_request', `give only one of params, json and body, not ${given.join(' and ')}`, {
      field: another,
    })
  if (name !== 'body' && fields.contentType !== undefined)
    invalidField('contentType', 'goes with body only: params are a form, json is application/json')
  if (method === 'GET' && (name === 'json' || name === 'body')) invalidField('method', `GET cannot carry ${name}`)
  if (!name) return {payload: {kind: 'none'}, canonical: () => ['params', '']}

  const text = fields[name]!
  if (Buffer.byteLength(text) > maxBytes)
    throw new TorqueError('too_large', `${name} has more than ${maxBytes} bytes`, {field: name})
  return readers[name](text, fields.contentType)
}

const readers = {
  params: (text: string): ReadPayload => {
    checkParams(text)
    return {payload: {kind: 'params', text}, canonical: () => ['params', paramsToForm(text)]}
  },
  json: (text: string): ReadPayload => {
    const value = readValue(text, {code: 'invalid_json', field: 'json', maxKeys: maxJsonKeys})
    return {payload: {kind: 'json', text}, canonical: () => ['json', canonicalText(value)]}
  },
  body: (text: string, contentType = 'text/plain; charset=utf-8'): ReadPayload => {
    if (/\p{Surrogate}/u.test(text)) invalidField('body', 'has half of a surrogate pair, which has no bytes')
    if (!mediaType.test(contentType) || contentType.length > maxMediaTypeLength) {
      invalidField('contentType', `${quote(contentType)} is not a media type such as text/plain; charset=utf-8`)
    }
    return {payload: {kind: 'body', text, contentType}, canonical: () => ['body', text, contentType]}
  },
}
