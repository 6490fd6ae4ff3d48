import {type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer} from 'node:http'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import type {Access} from './access.js'
import {errorAnswer, send} from './answer.js'
import {answerClientError} from './client-error.js'
import {type Timeouts, maxHeaderBytes} from './limits.js'

export interface IntakeOptions {
  access: Access
  timeouts: Timeouts
  /** More at once are turned away. */
  maxConnections: number
}

/** An http server that lets in only what is a proper request of somebody who may ask, before anything of its body is read. */
export function createIntake(listener: RequestListener, {access, timeouts, maxConnections}: IntakeOptions): Server {
  const server = createServer({
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: timeouts.checkEveryMs,
    maxHeaderSize: maxHeaderBytes,
    // Node would answer with a body that is neither JSON nor of a known length; refusalOf does it.
    requireHostHeader: false,
  })
  server.maxConnections = maxConnections
  const admit = (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(request, access)
    if (refusal) send(response, errorAnswer(refusal))
    else listener(request, response)
  }
  server.on('request', admit)
  // An expectation we do not know may be ignored; node would answer 417, not in JSON.
  server.on('checkExpectation', admit)
  server.on('clientError', answerClientError)
  return server
}

function refusalOf(request: IncomingMessage, access: Access): TorqueError | null {
  const {url = '', httpVersionMinor} = request
  if (!url.startsWith('/')) return new TorqueError('invalid_request', `the request target must be a path, not ${quote(url)}`)
  const hosts = countHosts(request.rawHeaders)
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
