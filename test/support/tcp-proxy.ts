import {once} from 'node:events'
import {type AddressInfo, type NetConnectOpts, type Server, type Socket, connect, createServer} from 'node:net'

/**
 * Stands between clients and a server and loses what it is told to, by cutting the connection. It needs no test around it: close it
 * when it is no longer wanted.
 */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: NetConnectOpts
  #losing: 'request' | 'answer' | undefined

  /** Before the server at a port, or a Redis at a `redis://` or `unix://` URL. */
  constructor(target: NetConnectOpts | string) {
    this.#target = typeof target === 'string' ? targetOf(target) : target
    this.#server = createServer((client) => this.#join(client))
  }

  /** Listens on a free port of 127.0.0.1, or at a socket's path. */
  async listen(path?: string): Promise<this> {
    if (path === undefined) this.#server.listen(0, '127.0.0.1')
    else this.#server.listen(path)
    await once(this.#server, 'listening')
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** New connections lead there from now on. */
  leadTo(target: NetConnectOpts | string): void {
    this.#target = typeof target === 'string' ? targetOf(target) : target
  }

  /** The next request never arrives, and its connection is cut. */
  loseNextRequest(): void {
    this.#losing = 'request'
  }

  /** The next request arrives, its answer is lost and its connection cut. */
  loseNextAnswer(): void {
    this.#losing = 'answer'
  }

  /** Cuts every connection there is; new ones are let in. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Nothing passes any more through the connections there are, and none is closed, as where the other host is gone. New ones work. */
  silence(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('data').resume()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    const server = connect(this.#target)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {}).on('close', () => (this.#sockets.delete(one), other.destroy()))
      one.on('end', () => other.end())
    }
    this.#pass('request', client, server, client)
    this.#pass('answer', server, client, client)
  }

  #pass(what: 'request' | 'answer', from: Socket, to: Socket, client: Socket): void {
    from.on('data', (data) => {
      if (this.#losing !== what) return void to.write(data)
      this.#losing = undefined
      client.destroy()
    })
  }
}

function targetOf(url: string): NetConnectOpts {
  const {protocol, hostname, port, pathname} = new URL(url)
  if (protocol === 'unix:') return {path: decodeURIComponent(pathname)}
  return {host: hostname, port: Number(port || 6379)}
}
