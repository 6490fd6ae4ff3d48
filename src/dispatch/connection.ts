import type {EventEmitter} from 'node:events'
import type {Socket} from 'node:net'
import {type buildConnector, Client} from 'undici'

import type {Delivery} from './delivery.js'

/** Stops a connection that is still being made. */
class ConnectTimeout extends Error {
  readonly code = 'TORQUE_CONNECT_TIMEOUT'
}

export interface ConnectionOptions {
  /** Scheme, host and port. */
  origin: string
  secure: boolean
  /** A new socket, on its way to the origin. */
  dial: () => Socket
  /** How long the name look-up, the TCP and the TLS handshake may take together. */
  connectTimeoutMs: number
}

/** How long a connection may be used: a name that has moved, or may no longer be called, is noticed within that time. */
const maxAgeMs = 60_000

/** Servers close idle connections after 5 s and more; a call that meets a closing one fails, so let go first. */
const keepAliveMs = 4000

/** One connection to an origin, for one call at a time; undici makes it anew after the origin has closed it. */
export class Connection {
  readonly client: Client
  /** The call under way. */
  delivery: Delivery | null = null
  readonly #options: ConnectionOptions
  #socket: Socket | null = null
  #openedAt = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.client = new Client(options.origin, {
      connect: (_options, callback) => this.#connect(callback),
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      // One deadline per attempt, the delivery's; these restart at every 1xx and every byte.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    // undici emits what a handler threw. None should, and if one does, its deadline ends the call.
    const events: EventEmitter = this.client
    events.on('error', () => {})
  }

  isOld(now: number): boolean {
    return now - this.#openedAt > maxAgeMs
  }

  /** Ends it at once, whatever it is doing. */
  async destroy(): Promise<void> {
    // undici knows a socket only once it is connected.
    this.#socket?.destroy()
    await this.client.destroy()
  }

  #connect(callback: buildConnector.Callback): void {
    const {dial, secure, connectTimeoutMs} = this.#options
    const socket = dial()
    this.#socket = socket
    const timer = setTimeout(() => socket.destroy(new ConnectTimeout()), connectTimeoutMs)
    const opened = () => {
      clearTimeout(timer)
      socket.off('error', failed)
      this.#openedAt = performance.now()
      callback(null, socket)
    }
    const failed = (error: Error) => callback(error, null)
    socket
      .once(secure ? 'secureConnect' : 'connect', opened)
      .once('error', failed)
      .once('close', () => clearTimeout(timer))
  }
}
