import {paramsToForm} from '../task/params.js'
import type {Method, Payload, Task} from '../task/task.js'

/** One call to make: a task and what its queue says about this attempt. */
export interface Call {
  task: Task
  queue: string
  /** Counted from 1. */
  attempt: number
  maxErrors: number
  /** When the attempt began, ms since the epoch. */
  startedAt: number
  /** The total deadline: from the look-up of the name to the last byte read of the answer. */
  timeoutMs: number
}

/** A call as it goes over the wire. `headers` are names and values in turn, the cheapest form for undici. */
export interface CallRequest {
  path: string
  method: Method
  headers: string[]
  body: string | null
}

/** Builds the request of a call; `path` is the URL's path and query string. */
export function callRequest(call: Call, path: string, userAgent: string): CallRequest {
  const {method, payload} = call.task
  const headers = callHeaders(call, userAgent)
  const inBody = payload.kind === 'json' || payload.kind === 'body' || (method !== 'GET' && method !== 'DELETE')
  const content = contentOf(payload)
  if (!inBody) return {path: withQuery(path, content.text), method, headers, body: null}

  if (call.task.headers['content-type'] === undefined) headers.push('content-type', content.type)
  return {path, method, headers, body: content.text}
}

function callHeaders({task, queue, attempt, maxErrors, startedAt}: Call, userAgent: string): string[] {
  const headers = ['webhook-id', task.id, 'webhook-timestamp', `${Math.floor(startedAt / 1000)}`]
  headers.push('torque-queue', queue, 'torque-attempt', `${attempt}`, 'torque-max-errors', `${maxErrors}`)
  if (task.headers['user-agent'] === undefined) headers.push('user-agent', userAgent)
  for (const name of Object.keys(task.headers)) headers.push(name, task.headers[name]!)
  return headers
}

const form = 'application/x-www-form-urlencoded'

function contentOf(payload: Payload): {type: string; text: string} {
  switch (payload.kind) {
    case 'none':
      return {type: form, text: ''}
    case 'params':
      return {type: form, text: paramsToForm(payload.text)}
    case 'json':
      return {type: 'application/json', text: payload.text}
    case 'body':
      return {type: payload.contentType, text: payload.text}
  }
}

/** After what the URL has there already. */
function withQuery(path: string, query: string): string {
  if (query === '') return path
  if (!path.includes('?')) return `${path}?${query}`
  return path.endsWith('?') || path.endsWith('&') ? path + query : `${path}&${query}`
}
