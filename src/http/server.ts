import type {AddressInfo} from 'node:net'
import type {FastifyInstance} from 'fastify'

import {TorqueError} from '../errors.js'
import {Access, type AccessOptions} from './access.js'
import {type EndpointLog, createApp} from './app.js'
import {Connections} from './connections.js'
import {type Timeouts, defaultTimeouts, maxConnections} from './limits.js'
import {type RoutesOptions, routes} from './routes.js'

export type {EndpointLog} from './app.js'
export type {Readiness} from './health.js'

export interface EndpointOptions extends RoutesOptions, AccessOptions {
  host: string
  /** 0 takes a free one. */
  port: number
  log: EndpointLog
  /** For tests; see limits.ts. */
  timeouts?: Partial<Timeouts>
  /** Most connections at once: half of the files this process may open, when absent. */
  maxConnections?: number
}

/** Where an endpoint can be reached. */
export interface EndpointAddress {
  /** `http://127.0.0.1:8090` */
  url: string
  host: string
  port: number
}

/** How long requests in flight may take to end once we stop. */
const stopWithinMs = 5_000

/** The HTTP endpoint: takes requests from `start` to `stop`. */
export class Endpoint {
  readonly #options: EndpointOptions
  readonly #app: FastifyInstance
  readonly #connections = new Connections()
  #stopped: Promise<void> | undefined

  constructor(options: EndpointOptions) {
    this.#options = options
    this.#app = createApp({
      access: new Access(options),
      timeouts: {...defaultTimeouts, ...options.timeouts},
      maxConnections: options.maxConnections ?? maxConnections(),
      routes: routes(options),
      log: options.log,
      stopping: () => this.#stopped !== undefined,
      onServer: (server) => this.#connections.watch(server),
    })
  }

  /** Takes requests from now on. Throws `failed` when the address cannot be had. */
  async start(): Promise<EndpointAddress> {
    const {host, port} = this.#options
    try {
      await this.#app.listen({host, port})
    } catch (cause) {
      throw listenError(cause as NodeJS.ErrnoException, host, port)
    }
    const {address, family, port: taken} = this.#app.server.address() as AddressInfo
    return {url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`, host: address, port: taken}
  }

  /**
   * Takes no more connections, closes those that rest, and resolves when the requests in flight have been answered, or
   * have been cut off after `withinMs`. Whoever wants `/readyz` to say 503 first says so by `ready` and waits a while.
   */
  stop(withinMs = stopWithinMs): Promise<void> {
    this.#stopped ??= this.#stop(withinMs)
    return this.#stopped
  }

  async #stop(withinMs: number): Promise<void> {
    await this.#connections.close(withinMs)
    await this.#app.close()
  }
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'something else listens there',
  EACCES: 'this user may not use that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): TorqueError {
  const reason = reasons[cause.code ?? ''] ?? cause.message
  return new TorqueError('failed', `cannot listen on ${host}, port ${port}: ${reason}`, {
    cause,
    hint: 'choose another with --port or --host',
  })
}
