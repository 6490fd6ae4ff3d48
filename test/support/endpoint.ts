import {once} from 'node:events'
import {connect} from 'node:net'
import {onTestFinished} from 'vitest'

import {TorqueError} from '../../src/errors.js'
import {Endpoint, type EndpointAddress, type EndpointOptions} from '../../src/http/server.js'
import type {Store} from '../../src/queue/store.js'
import type {NewTask} from '../../src/task/task.js'
import {openTestStore} from './open-store.js'

/** What an endpoint answered. */
export interface Reply {
  status: number
  headers: Headers
  text: string
  /** The JSON of it, or the first of several. */
  body: ReplyBody
  /** The items of an array, or a line each of NDJSON. */
  list: ReplyBody[]
}

/** All that the answers hold, in one shape: a test knows which it is looking at. */
export interface ReplyBody {
  id: string
  queue: string
  name: string
  state: string
  dueAt: string
  duplicate: boolean
  error?: {code: string; message: string; field?: string; id?: string}
  tasks: ReplyBody[]
  cursor: string | null
  matched: number
  changed: number
  totals: object
  queues: ReplyBody[]
}

export interface Asked {
  method?: string
  headers?: Record<string, string>
  /** An object is sent as JSON, pairs as a form, a string or bytes as they are. */
  json?: unknown
  form?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
}

/** An endpoint on a free port of 127.0.0.1 before a store of its own, both closed when the test ends. */
export async function openEndpoint(options: Partial<EndpointOptions> = {}) {
  const {store, ...rest} = options.store ? {store: options.store} : await openTestStore({clock: undefined})
  const bugs: object[] = []
  const tasks: NewTask[] = []
  const add = (queue: string, added: NewTask[]) => {
    tasks.push(...added)
    return store.queue(queue).add(added)
  }
  const endpoint = newEndpoint(store, {add, log: {error: (details) => void bugs.push(details)}, ...options})
  const {url, port} = (await endpoint.start()) as Required<EndpointAddress>
  onTestFinished(() => endpoint.stop(0))
  const ask = (path: string, asked?: Asked) => request(url + path, asked)
  return {...rest, endpoint, store, url, port, tasks, bugs, ask}
}

/** An endpoint that is not started, open to this machine. */
export function newEndpoint(store: Store, options: Partial<EndpointOptions> = {}): Endpoint {
  return new Endpoint({
    host: '127.0.0.1',
    port: 0,
    store,
    add: (queue, tasks) => store.queue(queue).add(tasks),
    tokens: {admin: [], add: []},
    trustedHosts: [],
    ready: () => ({ready: true}),
    log: {error: () => {}},
    ...options,
  })
}

async function request(url: string, {method, headers, json, form, body}: Asked = {}): Promise<Reply> {
  const sent = json === undefined ? (form ? new URLSearchParams(form) : body) : JSON.stringify(json)
  const response = await fetch(url, {
    method: method ?? (sent === undefined ? 'GET' : 'POST'),
    headers: {...(json !== undefined && {'content-type': 'application/json'}), ...headers},
    ...(sent !== undefined && {body: sent}),
  })
  const text = await response.text()
  const values = readValues(text, response.headers.get('content-type') ?? '')
  return {status: response.status, headers: response.headers, text, body: values[0] ?? ({} as ReplyBody), list: values}
}

function readValues(text: string, type: string): ReplyBody[] {
  if (text === '') return []
  if (type.startsWith('application/x-ndjson')) return text.trimEnd().split('\n').map(parse)
  return [parse(text)].flat()
}

const parse = (text: string) => JSON.parse(text) as ReplyBody

/** Sends bytes over a connection of their own and resolves to all that came back once the other side closed it. */
export async function sendRaw(port: number, ...parts: (string | Uint8Array)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
  for (const part of parts) socket.write(part)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

/** The error code of an answer, as it came over the wire. */
export function errorOf(raw: string): {status: number; code: string} {
  const [head = '', body = '{}'] = raw.split('\r\n\r\n')
  const {error} = JSON.parse(body) as {error?: {code: string}}
  return {status: Number(head.split(' ')[1]), code: error?.code ?? ''}
}

/** An `add` that fails, for what becomes of its error. */
export function failingAdd(code: ConstructorParameters<typeof TorqueError>[0]) {
  return () => Promise.reject(new TorqueError(code, `made to fail as ${code}`))
}
