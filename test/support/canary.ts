import {once} from 'node:events'
import {type Server, createServer} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'

/** A connection that was made to it. */
export interface Hit {
  /** Where it was dialled, IPv4 as such. */
  address: string
  port: number
  /** Of the requests that came over it. */
  paths: string[]
}

/** Listens on every address there is, and keeps who came: whoever reached it went to an address that it was to stay away from, or to one it may call. */
export class Canary {
  readonly hits: Hit[] = []
  readonly #hitOf = new WeakMap<Socket, Hit>()
  readonly #servers: Server[] = []

  /** Answers 200, or what is asked for: `/status/500/…`; and lets go of the connection where the path has `close` in it. */
  async listen(...ports: number[]): Promise<this> {
    for (const port of ports) {
      const server = createServer((request, response) => {
        const {url = ''} = request
        this.#hitOf.get(request.socket)?.paths.push(url)
        const [, status = '200'] = /\/status\/(\d+)/.exec(url) ?? []
        request.resume()
        response.writeHead(Number(status), url.includes('close') ? {connection: 'close'} : {}).end('called')
      })
      server.on('connection', (socket) => this.#keep(socket))
      server.listen(port, '::')
      await once(server, 'listening')
      this.#servers.push(server)
    }
    return this
  }

  get ports(): number[] {
    return this.#servers.map((server) => (server.address() as AddressInfo).port)
  }

  /** The connections over which one of these was asked for. */
  hitsOf(path: string): Hit[] {
    return this.hits.filter(({paths}) => paths.some((each) => each.includes(path)))
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }

  #keep(socket: Socket): void {
    const {localAddress = '', localPort = 0} = socket
    const hit = {address: localAddress.replace(/^::ffff:(?=\d+\.)/, ''), port: localPort, paths: []}
    this.#hitOf.set(socket, hit)
    this.hits.push(hit)
  }
}
