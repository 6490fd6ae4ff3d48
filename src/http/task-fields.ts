import type {FastifyRequest} from 'fastify'

import {type TaskFields, fieldsFromJson, fieldsFromPairs} from '../task/fields.js'
import {bodyKind, bodyText} from './body.js'
import {readForm} from './form.js'
import {queryOf} from './intake.js'

/** The fields of one task from wherever they stand: query string, body (form or JSON), `Idempotency-Key`. The later one wins. */
export function readTaskFields(request: FastifyRequest): TaskFields {
  const [query, body, key] = [queryOf(request.raw.url ?? ''), bodyFields(request), keyField(request)]
  // Nearly always, and this is the hot path.
  if (query === '' && key.idempotencyKey === undefined) return body
  return {...fieldsFromPairs(readForm(query)), ...body, ...key}
}

function bodyFields(request: FastifyRequest): TaskFields {
  const text = bodyText(request.body)
  if (text === '') return {}
  return bodyKind(request.headers, ['form', 'json']) === 'form' ? fieldsFromPairs(readForm(text)) : fieldsFromJson(text)
}

/** The header every HTTP library for idempotent requests sends. */
export function keyField({headers}: FastifyRequest): TaskFields {
  const key = headers['idempotency-key']
  return typeof key === 'string' && key.trim() !== '' ? {idempotencyKey: key} : {}
}
