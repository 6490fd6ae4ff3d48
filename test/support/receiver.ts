import {EventEmitter, once} from 'node:events'
import {type IncomingMessage, type Server, type ServerResponse, createServer} from 'node:http'
import {type ServerOptions, createServer as createTlsServer} from 'node:https'
import type {AddressInfo} from 'node:net'
import {onTestFinished} from 'vitest'

/** One call as it arrived. */
export interface ReceivedCall {
  method: string
  /** Path and query string. */
  url: string
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>
  /** Names and values in turn, as they came over the wire. */
  rawHeaders: string[]
  body: string
  /** When its last byte had arrived, ms since the epoch. */
  at: number
}

/** What a receiver answers: 200 with no body unless told otherwise. */
export interface Answer {
  status?: number
  headers?: Record<string, string | string[]>
  body?: string | Uint8Array
  /** Hold the answer back for so long. */
  delayMs?: number
  /** Never answer. */
  hang?: boolean
}

/** A fixed answer, or one per call; `index` counts from 0. */
export type Answers = Answer | ((call: ReceivedCall, index: number) => Answer | Promise<Answer>)

/** An http server that keeps what it was sent and answers what it is told. */
export class Receiver {
  readonly calls: ReceivedCall[] = []
  readonly server: Server
  /** How many connections were made to it. */
  connections = 0
  #answers: Answers
  readonly #events = new EventEmitter()

  constructor(answers: Answers = {}, tls?: ServerOptions) {
    this.#answers = answers
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#receive(request, response)
    this.server = tls ? createTlsServer(tls, listener) : createServer(listener)
    this.server.on('connection', () => this.connections++)
  }

  async listen(host = '127.0.0.1'): Promise<this> {
    this.server.listen(0, host)
    await once(this.server, 'listening')
    return this
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  get origin(): string {
    const {address, family, port} = this.server.address() as AddressInfo
    const scheme = 'setSecureContext' in this.server ? 'https' : 'http'
    return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  url(path = '/'): string {
    return this.origin + path
  }

  /** Answers like this from now on. */
  answer(answers: Answers): void {
    this.#answers = answers
  }

  /** Resolves when it has had so many calls in all, with those. */
  async received(count: number): Promise<ReceivedCall[]> {
    while (this.calls.length < count) await once(this.#events, 'call')
    return this.calls.slice(0, count)
  }

  async close(): Promise<void> {
    if (!this.server.listening) return
    this.server.close()
    this.server.closeAllConnections()
    await once(this.server, 'close')
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request)
    if (!call) return
    const index = this.calls.push(call) - 1
    this.#events.emit('call')

    const answer = typeof this.#answers === 'function' ? await this.#answers(call, index) : this.#answers
    if (answer.hang) return
    if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs))
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body)
  }
}

/** Null when the caller went away before its body was complete. */
async function readCall(request: IncomingMessage): Promise<ReceivedCall | null> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return null
  }
  const {method = '', url = '', headers, rawHeaders} = request
  return {method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString(), at: Date.now()}
}

/** A receiver on a free port of 127.0.0.1, closed when the test ends. */
export async function openReceiver(answers?: Answers, tls?: ServerOptions): Promise<Receiver> {
  const receiver = await new Receiver(answers, tls).listen()
  onTestFinished(() => receiver.close())
  return receiver
}
