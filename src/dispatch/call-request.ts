import {mayHaveHeader} from '../task/headers.js'
import {paramsToForm} from '../task/params.js'
import {type Signed, signaturesOf} from '../task/signature.js'
import {type Payload, type Task, methods} from '../task/task.js'

/** One call to make: a task and what its queue says about this attempt. */
export interface Call {
  task: Task
  queue: string
  /** Counted from 1. */
  attempt: number
  maxErrors: number
  /** No other attempt comes after it. */
  isLast: boolean
  /** When the attempt began, ms since the epoch. */
  startedAt: number
  /** The total deadline: from the look-up of the name to the last byte read of the answer. */
  timeoutMs: number
}

/** Where it goes: the URL's host and port, and its path with the query string. */
export interface CallTarget {
  host: string
  path: string
}

/** Of a request line, and of an id. */
const visible = /^[!-~]+$/

export interface RequestOptions {
  /** `torque/<version>`. */
  userAgent: string
  /** What to sign with, the current key first; not at all, when absent. */
  keys?: readonly Uint8Array[] | undefined
}

/**
 * The request of a call as it goes over the wire: text of which each character is a byte, or bytes. Throws where the task holds
 * what no request may; validation lets none such in.
 */
export function callRequest(call: Call, {host, path}: CallTarget, {userAgent, keys}: RequestOptions): string | Buffer {
  const {method, payload, headers} = call.task
  const content = contentOf(payload)
  const inBody = payload.kind === 'json' || payload.kind === 'body' || (method !== 'GET' && method !== 'DELETE')
  const target = inBody ? path : withQuery(path, content.text)
  if (!visible.test(target) || !visible.test(call.task.id) || !methods.includes(method) || !Number.isInteger(call.maxErrors)) {
    throw new Error('a request cannot be made of it')
  }

  let head = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${callHeaders(call)}`
  if (keys) head += `webhook-signature: ${signaturesOf(keys, signedOf(call, inBody ? content.text : ''))}\r\n`
  if (headers['user-agent'] === undefined) head += `user-agent: ${userAgent}\r\n`
  for (const name of Object.keys(headers)) head += field(name, headers[name]!)
  if (!inBody) return `${head}\r\n`
  if (headers['content-type'] === undefined) head += field('content-type', content.type)
  return withBody(head, content.text)
}

function callHeaders({task, queue, attempt, maxErrors, isLast, startedAt}: Call): string {
  const last = isLast ? 'torque-final-attempt: true\r\n' : ''
  const of = `torque-queue: ${queue}\r\ntorque-attempt: ${attempt}\r\ntorque-max-errors: ${maxErrors}\r\n${last}`
  return `webhook-id: ${task.id}\r\nwebhook-timestamp: ${timestampOf(startedAt)}\r\n${of}`
}

function signedOf({task, startedAt}: Call, body: string): Signed {
  return {id: task.id, timestamp: timestampOf(startedAt), body}
}

/** Unix seconds. */
function timestampOf(startedAt: number): number {
  return Math.floor(startedAt / 1000)
}

function field(name: string, value: string): string {
  if (!mayHaveHeader(name, value)) throw new Error('a header that no task may have')
  return `${name}: ${value}\r\n`
}

/** In one piece: two writes would cost as much as all else here. */
function withBody(head: string, body: string): string | Buffer {
  const length = Buffer.byteLength(body)
  const start = `${head}content-length: ${length}\r\n\r\n`
  if (length === body.length) return start + body
  return Buffer.concat([Buffer.from(start, 'latin1'), Buffer.from(body)])
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
