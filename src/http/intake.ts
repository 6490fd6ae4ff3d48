import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  createServer,
} from 'node:http'
import {createServer as createTlsServer} from 'node:https'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import type {Access} from './access.js'
import {errorAnswer, send} from './answer.js'
import {answerClientError, answerConnect} from './client-error.js'
import type {Connections} from './connections.js'
import {type Timeouts, maxHeaderBytes, maxHeaders} from './limits.js'

/** What a server shows its clients, PEM both. */
export interface Certificate {
  cert: string
  key: string
}

export interface IntakeOptions {
  access: Access
  timeouts: Timeouts
  connections: Connections
  /** The largest body that a path takes, in bytes. */
  bodyLimitOf: (path: string) => number
}

/**
 * An http server that lets in only what is a proper request of somebody who may ask, before anything of its body is read.
 * With a certificate it speaks TLS.
 */
export function createIntake(listener: RequestListener, options: IntakeOptions, certificate?: Certificate): Server {
  const {access, timeouts, connections, bodyLimitOf} = options
  const server = certificate
    ? createTlsServer({...serverOptions(timeouts), ...tlsOptions(timeouts), ...certificate})
    : createServer(serverOptions(timeouts))
  // One more than may be, so that too many are told from enough: node drops the rest.
  server.maxHeadersCount = maxHeaders + 1
  connections.watch(server)
  const admit = (request: IncomingMessage, response: ServerResponse) => {
    connections.asked(request.socket)
    const refusal = refusalOf(request, access)
    if (refusal) send(response, errorAnswer(refusal))
    else listener(request, response)
  }
  server.on('request', admit)
  // An expectation we do not know may be ignored; node would answer 417, not in JSON.
  server.on('checkExpectation', admit)
  // Whoever asks before it sends a body need not send one that is not taken.
  server.on('checkContinue', (request, response) => {
    const isTooLarge = Number(request.headers['content-length']) > bodyLimitOf(pathOf(request.url ?? ''))
    if (!isTooLarge && !refusalOf(request, access)) response.writeContinue()
    admit(request, response)
  })
  server.on('connect', answerConnect)
  server.on('clientError', answerClientError)
  return server
}

function serverOptions(timeouts: Timeouts): ServerOptions {
  return {
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: timeouts.checkEveryMs,
    maxHeaderSize: maxHeaderBytes,
    // Node would answer with a body that is neither JSON nor of a known length; refusalOf does it.
    requireHostHeader: false,
  }
}

/** Not HTTP/2, and nothing that has been broken; node's own list of ciphers is good. */
function tlsOptions({headersMs}: Timeouts) {
  return {minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], handshakeTimeout: headersMs} as const
}

function refusalOf(request: IncomingMessage, access: Access): TorqueError | null {
  const {url = '', httpVersionMinor, rawHeaders} = request
  if (!url.startsWith('/')) return new TorqueError('invalid_request', `the request target must be a path, not ${quote(url)}`)
  if (rawHeaders.length > 2 * maxHeaders) return new TorqueError('headers_too_large', `more than ${maxHeaders} headers`)
  const hosts = countHosts(rawHeaders)
  if (hosts > 1) return new TorqueError('invalid_request', 'the request has more than one Host')
  if (hosts === 0 && httpVersionMinor > 0) return new TorqueError('invalid_request', 'the request has no Host')
  return access.judge(request, pathOf(url))
}

/** Node keeps the first of several and says nothing. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

/** The path of a request target, without its query string. */
export function pathOf(url: string): string {
  const question = url.indexOf('?')
  return question < 0 ? url : url.slice(0, question)
}

/** The query string of a request target, without its question mark. */
export function queryOf(url: string): string {
  const question = url.indexOf('?')
  return question < 0 ? '' : url.slice(question + 1)
}
