import type {FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'
import {type TaskFields, fieldsFromJson, fieldsFromPairs} from '../task/fields.js'
import {isTraceparent, isTracestate} from '../task/trace.js'
import {bodyKind, bodyText} from './body.js'
import {readForm} from './form.js'
import {queryOf} from './intake.js'

/** The fields of one task from wherever they stand: query string, body (form or JSON), of which the later wins, `Idempotency-Key`. */
export function readTaskFields(request: FastifyRequest): TaskFields {
  const [query, body, key] = [queryOf(request.raw.url ?? ''), bodyFields(request), keyField(request)]
  // Nearly always, and this is the hot path.
  if (query === '' && key.idempotencyKey === undefined) return withTraceOf(request, body)
  return withTraceOf(request, withKey({...fieldsFromPairs(readForm(query)), ...body}, key))
}

/** A key that stands in the header and in a field, and is not the same, is a slip. */
export function withKey(fields: TaskFields, {idempotencyKey: key}: TaskFields): TaskFields {
  if (key === undefined) return fields
  const given = fields.idempotencyKey?.trim()
  if (given && given !== key.trim()) {
    throw new TorqueError('invalid_idempotency_key', 'the header Idempotency-Key and the field idempotencyKey differ', {
      field: 'idempotencyKey',
    })
  }
  return {...fields, idempotencyKey: key}
}

function bodyFields(request: FastifyRequest): TaskFields {
  const text = bodyText(request.body)
  if (text === '') return {}
  return bodyKind(request.headers, ['form', 'json']) === 'form' ? fieldsFromPairs(readForm(text)) : fieldsFromJson(text)
}

/** The fields with the trace of the request, unless they have one. What is malformed is no trace. */
export function withTraceOf({headers}: FastifyRequest, fields: TaskFields): TaskFields {
  const parent = headers['traceparent']
  if (typeof parent !== 'string' || fields.traceparent !== undefined || !isTraceparent(parent)) return fields
  const state = headers['tracestate']
  const isGood = typeof state === 'string' && state !== '' && isTracestate(state)
  return {...fields, traceparent: parent, ...(isGood && {tracestate: state})}
}

/** The header every HTTP library for idempotent requests sends. */
export function keyField({headers}: FastifyRequest): TaskFields {
  const key = headers['idempotency-key']
  return typeof key === 'string' && key.trim() !== '' ? {idempotencyKey: key} : {}
}
