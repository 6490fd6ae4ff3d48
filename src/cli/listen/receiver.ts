import {once} from 'node:events'
import {type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse, createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

import {TorqueError} from '../../errors.js'
import {quote} from '../../task/quote.js'

/** A call as it came, and how it is answered. */
export interface ReceivedCall {
  /** Ms since the epoch. */
  receivedAt: number
  method: string
  /** Path and query, as sent. */
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** The status it is answered with. */
  status: number
  /** Null: nobody asked. Otherwise whether its signature is good, and why not. */
  verified: boolean | null
  reason: string | null
}

export interface ReceiverOptions {
  host: string
  /** 0: any free one. */
  port: number
  /** The answer to a call that is not made to fail. */
  status: number
  /** How many calls of each `webhook-id` fail with 500 first. */
  fail: number
  /** The wait before each answer. */
  delayMs: number
  /** Throws TorqueError unless the signature is good; such a call is answered 401. */
  verify?: ((body: Buffer, headers: IncomingHttpHeaders) => void) | undefined
  /** Told of each call before it is answered; the answer waits for it, so that a slow reader slows the sender. */
  onCall: (call: ReceivedCall) => Promise<void> | void
}

/** What torque itself takes at most in one task. */
const maxBodyBytes = 16 * 1024 * 1024
/** Ids whose calls are counted for `fail`; beyond it the oldest is forgotten, so that a long run does not grow. */
const maxCounted = 100_000

/** An HTTP server for trying things out: takes any call and answers as it was told to. */
export class Receiver {
  readonly #options: ReceiverOptions
  readonly #server: Server
  readonly #stopping = new AbortController()
  readonly #calls = new Map<string, number>()

  constructor(options: ReceiverOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#handle(request, response))
  }

  /** Listens; resolves to the URL it can be called at. */
  async start(): Promise<string> {
    const {host, port} = this.#options
    this.#server.listen(port, host)
    try {
      await once(this.#server, 'listening')
    } catch (cause) {
      throw cannotListen(host, port, cause as NodeJS.ErrnoException)
    }
    const {family, address, port: bound} = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`
  }

  /** Stops at once; calls that wait for their answer lose their connection. */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const call = this.#judge(request, await readBody(request))
      await this.#options.onCall(call)
      if (this.#options.delayMs > 0) await sleep(this.#options.delayMs, undefined, {signal: this.#stopping.signal})
      response.writeHead(call.status, {'content-type': 'text/plain'}).end()
    } catch (error) {
      // The caller went away, or we stop.
      if (error instanceof TorqueError) response.writeHead(error.status, {connection: 'close'}).end()
      else response.destroy()
    }
  }

  #judge(request: IncomingMessage, body: Buffer): ReceivedCall {
    const {method = '', url: path = '', headers} = request
    const reason = this.#refusal(body, headers)
    const verified = this.#options.verify ? reason === null : null
    return {receivedAt: Date.now(), method, path, headers, body, status: this.#statusOf(request, reason), verified, reason}
  }

  #refusal(body: Buffer, headers: IncomingHttpHeaders): string | null {
    try {
      this.#options.verify?.(body, headers)
      return null
    } catch (error) {
      if (error instanceof TorqueError) return error.message
      throw error
    }
  }

  #statusOf({headers, method, url}: IncomingMessage, reason: string | null): number {
    if (reason !== null) return 401
    const {fail, status} = this.#options
    return fail > 0 && this.#count(String(headers['webhook-id'] ?? `${method} ${url}`)) <= fail ? 500 : status
  }

  #count(key: string): number {
    const count = (this.#calls.get(key) ?? 0) + 1
    this.#calls.set(key, count)
    if (this.#calls.size > maxCounted) this.#calls.delete(this.#calls.keys().next().value ?? '')
    return count
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new TorqueError('too_large', `the body is over ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): TorqueError {
  const reason = cause.code === 'EADDRINUSE' ? 'the port is in use' : cause.message
  return new TorqueError('failed', `cannot listen on ${quote(host)}, port ${port}: ${reason}`, {
    hint: 'choose another port with -p, or -p 0 for any free one',
    cause,
  })
}
