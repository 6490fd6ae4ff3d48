import {type ClientRequest, type IncomingMessage, Agent as HttpAgent, request as httpRequest} from 'node:http'
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https'
import type {Socket} from 'node:net'
import {text} from 'node:stream/consumers'

import {type Server, socketOf} from './settings.js'

export interface Call {
  /** Below the server's url, and maybe a query. */
  route: string
  /** JSON to POST; without it the route is read. */
  body?: string
}

/** A complete answer, whatever it says. */
export interface Reply {
  status: number
  retryAfter: string | undefined
  text: string
}

/** No complete answer. */
export interface NoAnswer {
  cause: Error
  /** The connection stood, so the server may have done what a POST asks for. */
  sent: boolean
  timedOut: boolean
}

// Bounded, so that ten thousand adds at once do not open ten thousand connections; the rest wait for a free one.
const pool = {keepAlive: true, maxSockets: 64}
const plain = {request: httpRequest, agent: new HttpAgent(pool), connected: 'connect'}
const schemes = {
  'http:': plain,
  'unix:': plain,
  'https:': {request: httpsRequest, agent: new HttpsAgent(pool), connected: 'secureConnect'},
}

/** Connections that have carried a request. Node's own `reusedSocket` leaves out those handed on to a request that waited. */
const used = new WeakSet<Socket>()

/** Calls one of the server's routes, once. Never rejects; its time runs from when it has a connection to use. */
export async function send(server: Server, call: Call): Promise<Reply | NoAnswer> {
  const request = open(server, call)
  const watch = watchConnection(request, server)
  try {
    return await exchange(request, call.body)
  } catch (cause) {
    return {cause: cause as Error, sent: watch.sent && call.body !== undefined, timedOut: watch.timedOut}
  } finally {
    clearTimeout(watch.timer)
  }
}

function open({url, token}: Server, {route, body}: Call): ClientRequest {
  const {request, agent} = schemeOf(url)
  const headers = {
    accept: 'application/json',
    ...(body !== undefined && {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)}),
    ...(token && {authorization: `Bearer ${token}`}),
  }
  const options = {method: body === undefined ? 'GET' : 'POST', agent, headers}
  const socketPath = socketOf(url)
  if (socketPath !== undefined) return request({...options, socketPath, path: route})
  return request(targetOf(url, route), options)
}

/** What the url has after its path stays, but for a query of the route's own. */
function targetOf(url: URL, route: string): URL {
  const target = new URL(url)
  const [path = '', query] = route.split('?')
  target.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`
  if (query !== undefined) target.search = query
  return target
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

function exchange(request: ClientRequest, body: string | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => void readReply(response).then(resolve, reject))
    request.end(body)
  })
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  return {status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text: await text(response)}
}
