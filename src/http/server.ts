import {Server as TlsServer} from 'node:https'
import type {AddressInfo} from 'node:net'

import {TorqueError} from '../errors.js'
import {Access, type AccessOptions} from './access.js'
import {type App, type EndpointLog, createApp} from './app.js'
import {Connections} from './connections.js'
import {type Timeouts, defaultTimeouts, maxConnections} from './limits.js'
import type {Certificate} from './intake.js'
import {type RoutesOptions, routes} from './routes.js'
import type {Tokens} from './tokens.js'
import {type SocketAddress, listenOnSocket} from './unix-socket.js'

export type {EndpointLog} from './app.js'
export type {Readiness} from './health.js'

export interface EndpointOptions extends Omit<RoutesOptions, 'queuesOf'>, AccessOptions {
  /** Absent: it listens on no port. */
  host?: string | undefined
  /** 0 takes a free one. */
  port?: number | undefined
  /** Listened on as well, or instead. */
  socket?: SocketAddress | undefined
  /** What is listened on at the port speaks TLS. */
  certificate?: Certificate | undefined
  log: EndpointLog
  /** For tests; see limits.ts. */
  timeouts?: Partial<Timeouts>
  /** Most connections at once: half of the files this process may open, when absent. */
  maxConnections?: number
}

/** Where an endpoint can be reached. */
export interface EndpointAddress {
  /** `http://127.0.0.1:8090`; absent where it listens on no port. */
  url?: string
  host?: string
  port?: number
  /** `unix:/run/torque.sock` */
  socket?: string
}

/** What may change while it runs. */
export interface Renewal {
  tokens: Tokens
  certificate?: Certificate | undefined
}

/** Connections that wait to be taken, so that a storm of them is late and not lost; the system may allow fewer. */
const backlog = 4_096

/** How long requests in flight may take to end once we stop. */
const stopWithinMs = 5_000

/** The HTTP endpoint: takes requests from `start` to `stop`. */
export class Endpoint {
  readonly #options: EndpointOptions
  readonly #app: App
  readonly #access: Access
  readonly #connections: Connections
  #stopped: Promise<void> | undefined

  constructor(options: EndpointOptions) {
    const access = new Access(options)
    this.#options = options
    this.#access = access
    this.#connections = new Connections(options.maxConnections ?? maxConnections())
    this.#app = createApp({
      access,
      timeouts: {...defaultTimeouts, ...options.timeouts},
      connections: this.#connections,
      routes: routes({...options, queuesOf: (request) => access.queuesOf(request)}),
      certificate: options.certificate,
      log: options.log,
      stopping: () => this.#stopped !== undefined,
    })
  }

  /** Takes requests from now on. Throws `failed` when an address cannot be had. */
  async start(): Promise<EndpointAddress> {
    const {host, port = 0, socket} = this.#options
    await this.#app.app.ready()
    return {
      ...(socket && (await this.#listenOnSocket(socket))),
      ...(host !== undefined && (await this.#listenOnPort(host, port))),
    }
  }

  /** Who comes in from now on needs one of these tokens, and is shown this certificate. */
  renew({tokens, certificate}: Renewal): void {
    this.#access.setTokens(tokens)
    if (!certificate) return
    for (const server of this.#app.servers) if (server instanceof TlsServer) server.setSecureContext(certificate)
  }

  /**
   * Takes no more connections, closes those that rest, and resolves when the requests in flight have been answered, or
   * have been cut off after `withinMs`. Whoever wants `/readyz` to say 503 first says so by `ready` and waits a while.
   */
  stop(withinMs = stopWithinMs): Promise<void> {
    this.#stopped ??= this.#stop(withinMs)
    return this.#stopped
  }

  async #listenOnPort(host: string, port: number): Promise<EndpointAddress> {
    const {app} = this.#app
    try {
      await app.listen({host, port, backlog})
    } catch (cause) {
      throw listenError(cause as NodeJS.ErrnoException, `${host}, port ${port}`, '--port or --host')
    }
    const {address, family, port: bound} = app.server.address() as AddressInfo
    const scheme = this.#options.certificate ? 'https' : 'http'
    return {url: `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${bound}`, host: address, port: bound}
  }

  async #listenOnSocket(address: SocketAddress): Promise<EndpointAddress> {
    try {
      await listenOnSocket(this.#app.plainServer(), address)
    } catch (cause) {
      throw listenError(cause as NodeJS.ErrnoException, `unix:${address.path}`, '--listen')
    }
    return {socket: `unix:${address.path}`}
  }

  async #stop(withinMs: number): Promise<void> {
    await this.#connections.close(withinMs)
    await this.#app.app.close()
  }
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'something else listens there',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
  ENOENT: 'there is no such directory',
}

function listenError(cause: NodeJS.ErrnoException, where: string, flags: string): TorqueError {
  const reason = reasons[cause.code ?? ''] ?? cause.message
  return new TorqueError('failed', `cannot listen on ${where}: ${reason}`, {cause, hint: `choose another with ${flags}`})
}
