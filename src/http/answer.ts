import type {IncomingMessage, ServerResponse} from 'node:http'

import type {TorqueError} from '../errors.js'

/** What a route answers, before it becomes bytes. */
export interface Answer {
  status: number
  body: string
  headers?: Readonly<Record<string, string>>
}

export const jsonType = 'application/json; charset=utf-8'
export const ndjsonType = 'application/x-ndjson; charset=utf-8'

/** How long, in seconds, a client had better wait: Redis is looked for again within half a second, a full one drains slowly. */
const retryAfter = {other: '1', queue_full: '5'}

/** How long a refused body may keep coming before the connection ends under it. */
const drainMs = 1_000

export function json(status: number, value: unknown, headers?: Answer['headers']): Answer {
  return {status, body: JSON.stringify(value), ...(headers && {headers})}
}

/** An error in its wire form, with the headers that its status calls for. */
export function errorAnswer(error: TorqueError, headers: Record<string, string> = {}): Answer {
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="torque"'
  if (error.status === 503) headers['retry-after'] = error.code === 'queue_full' ? retryAfter.queue_full : retryAfter.other
  return json(error.status, error, headers)
}

/** Writes an answer, of known length always. Does nothing when the client is gone. */
export function send(response: ServerResponse, {status, body, headers}: Answer): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, {'content-type': jsonType, 'content-length': Buffer.byteLength(body), ...headers})
  if (status >= 400 && !response.shouldKeepAlive) endAfterRequest(response, body)
  else response.end(body)
}

/**
 * A connection closed on bytes nobody has read is reset, and the reset may overtake the answer. So one that is to close stays open
 * for the rest of its request; one that is kept open anyway need not, since node reads on.
 */
function endAfterRequest(response: ServerResponse, body: string): void {
  const request: IncomingMessage = response.req
  if (request.readableEnded || request.destroyed) {
    response.end(body)
    return
  }
  response.write(body)
  const timer = setTimeout(end, drainMs)
  function end() {
    clearTimeout(timer)
    request.off('end', end).off('close', end)
    response.end()
  }
  request.on('end', end).on('close', end).resume()
}
