import {once} from 'node:events'
import {type AddressInfo, type Server, type Socket, connect, createServer} from 'node:net'
import {onTestFinished} from 'vitest'

import {allClosed} from './sockets.js'

/** Bytes to answer a CONNECT with, or null: open a way to where it should lead. */
export type ProxyAnswer = (head: string, socket: Socket) => string | null

/** An HTTP proxy that knows CONNECT only, and leads every target to one port of 127.0.0.1: it knows no names. */
export class ConnectProxy {
  /** The heads of the requests, as they came. */
  readonly heads: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(leadsTo: number, answer: ProxyAnswer) {
    this.#server = createServer((socket) => {
      this.#keep(socket).once('data', (bytes) => this.#serve(socket, bytes.toString('latin1'), leadsTo, answer))
    })
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The targets that were asked for. */
  get targets(): string[] {
    return this.heads.map((head) => head.split(' ')[1] ?? '')
  }

  /** Resolves when no connection is open. */
  idle(): Promise<void> {
    return allClosed(this.#sockets)
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
  }

  #serve(socket: Socket, head: string, port: number, answer: ProxyAnswer): void {
    this.heads.push(head)
    const said = answer(head, socket)
    if (said !== null) return void socket.write(said)
    const onward = this.#keep(connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n')))
    socket.pipe(onward).pipe(socket)
    socket.on('close', () => onward.destroy())
  }
}

/** A proxy on a free port, closed when the test ends. */
export async function openConnectProxy(leadsTo: number, answer: ProxyAnswer = () => null): Promise<ConnectProxy> {
  const proxy = await new ConnectProxy(leadsTo, answer).listen()
  onTestFinished(() => proxy.close())
  return proxy
}
