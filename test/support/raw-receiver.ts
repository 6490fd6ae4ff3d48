import {EventEmitter, once} from 'node:events'
import {type AddressInfo, type Server, type Socket, createServer} from 'node:net'
import {onTestFinished} from 'vitest'

/** What to do with a connection once the head of a request has arrived: bytes to send, or anything else. */
export type RawAnswer = string | Uint8Array | ((socket: Socket, request: string) => void)

/** A TCP server for what no http server would send. */
export class RawReceiver {
  /** The head of each request, as it arrived, and whatever of its body came with it. */
  readonly requests: string[] = []
  /** Connections accepted so far. */
  connections = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #events = new EventEmitter()

  constructor(answer: RawAnswer) {
    this.#server = createServer((socket) => this.#accept(socket, answer))
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  /** Connections open now. */
  get open(): number {
    return this.#sockets.size
  }

  /** Resolves when no connection is open. */
  async idle(): Promise<void> {
    while (this.#sockets.size > 0) await once(this.#events, 'close')
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #accept(socket: Socket, answer: RawAnswer): void {
    this.connections++
    this.#sockets.add(socket)
    socket
      .on('error', () => {})
      .on('close', () => {
        this.#sockets.delete(socket)
        this.#events.emit('close')
      })

    let request = ''
    socket.on('data', (chunk) => {
      request += chunk.toString('latin1')
      if (!request.includes('\r\n\r\n')) return
      this.requests.push(request)
      if (typeof answer === 'function') answer(socket, request)
      else socket.write(answer)
      request = ''
    })
  }
}

/** A raw receiver on a free port of 127.0.0.1, closed when the test ends. */
export async function openRawReceiver(answer: RawAnswer): Promise<RawReceiver> {
  const receiver = await new RawReceiver(answer).listen()
  onTestFinished(() => receiver.close())
  return receiver
}
