import {STATUS_CODES} from 'node:http'
import type {Socket} from 'node:net'
import type {Duplex} from 'node:stream'

import {type ErrorCode, TorqueError} from '../errors.js'
import {errorAnswer, jsonType} from './answer.js'
import {dueResponse} from './connections.js'

/** How long to listen to what a client still sends, so that closing does not reset the connection before it reads the answer. */
const lingerMs = 1_000

const known: Record<string, [ErrorCode, string]> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'the request line and headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['too_large', 'the chunk extensions are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'the request took too long to arrive'],
}

/** Answers what node could not read as a request: by an error like any other where that is possible, then closes. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const due = dueResponse(socket)
  if (due?.req.complete) {
    // What cannot be read came after a good request, whose answer is still to come: this one would be taken for it.
    due.shouldKeepAlive = false
  } else if (due?.headersSent) socket.destroy()
  else hangUp(socket, rawAnswer(error))
}

/** Answers `CONNECT`, which is no request for anything here: node would close the connection without a word. */
export function answerConnect(_request: unknown, socket: Duplex): void {
  hangUp(socket, rawError(new TorqueError('method_not_allowed', 'this is no proxy: there is nothing to CONNECT to')))
}

function hangUp(socket: Duplex, text: string): void {
  if (socket.writableEnded) return
  socket.end(text)
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
}

function rawAnswer({code = ''}: NodeJS.ErrnoException): string {
  const [errorCode, message] = known[code] ?? ['invalid_request', 'the request is not valid HTTP']
  return rawError(new TorqueError(errorCode, message))
}

function rawError(error: TorqueError): string {
  const {status, body} = errorAnswer(error)
  const headers = [`content-type: ${jsonType}`, `content-length: ${body.length}`, 'connection: close']
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', body].join('\r\n')
}
