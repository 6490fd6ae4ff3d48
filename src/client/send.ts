import {type ClientRequest, type IncomingMessage, Agent as HttpAgent, request as httpRequest} from 'node:http'
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https'
import type {Socket} from 'node:net'
import {text} from 'node:stream/consumers'

import type {Server} from './settings.js'

/** A complete answer, whatever it says. */
export interface Reply {
  status: number
  retryAfter: string | undefined
  text: string
}

/** No complete answer. */
export interface NoAnswer {
  cause: Error
  /** The connection stood, so the server may have got the request. */
  sent: boolean
  timedOut: boolean
}

// Bounded, so that ten thousand adds at once do not open ten thousand connections; the rest wait for a free one.
const pool = {keepAlive: true, maxSockets: 64}
const schemes = {
  'http:': {request: httpRequest, agent: new HttpAgent(pool), connected: 'connect'},
  'https:': {request: httpsRequest, agent: new HttpsAgent(pool), connected: 'secureConnect'},
}

/** Connections that have carried a request. Node's own `reusedSocket` leaves out those handed on to a request that waited. */
const used = new WeakSet<Socket>()

/** POSTs JSON to one of the server's routes, once. Never rejects; its time runs from when it has a connection to use. */
export async function send(server: Server, route: string, body: string): Promise<Reply | NoAnswer> {
  const request = open(server, route, body)
  const watch = watchConnection(request, server)
  try {
    return await exchange(request, body)
  } catch (cause) {
    return {cause: cause as Error, sent: watch.sent, timedOut: watch.timedOut}
  } finally {
    clearTimeout(watch.timer)
  }
}

function open({url, token}: Server, route: string, body: string): ClientRequest {
  const {request, agent} = schemeOf(url)
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(token && {authorization: `Bearer ${token}`}),
  }
  const target = new URL(url)
  target.pathname = `${url.pathname.replace(/\/+$/, '')}${route}`
  return request(target, {method: 'POST', agent, headers})
}

const schemeOf = (url: URL) => schemes[url.protocol as keyof typeof schemes]

function watchConnection(request: ClientRequest, {url, timeoutMs}: Server) {
  const watch: {sent: boolean; timedOut: boolean; timer?: NodeJS.Timeout} = {sent: false, timedOut: false}
  request.on('socket', (socket) => {
    watch.timer = setTimeout(() => {
      watch.timedOut = true
      request.destroy(new Error(`no answer within ${timeoutMs} ms`))
    }, timeoutMs)
    if (used.has(socket)) watch.sent = true
    else socket.once(schemeOf(url).connected, () => (watch.sent = true))
    used.add(socket)
  })
  return watch
}

function exchange(request: ClientRequest, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => void readReply(response).then(resolve, reject))
    request.end(body)
  })
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  return {status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text: await text(response)}
}
