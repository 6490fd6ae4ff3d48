import type {OnReadOpts} from 'node:net'
import type {Duplex} from 'node:stream'

import {Connection} from './connection.js'
import type {Delivery} from './delivery.js'
import type {Target} from './egress.js'

export interface OriginOptions {
  dial: (target: Target, onread: OnReadOpts) => Duplex
  /** Most connections to one origin. */
  connections: number
  connectTimeoutMs: number
  /** Over all origins: how many connections are open, and with how many one is kept that no call waits for. */
  keeping: {open: number; most: number}
}

/**
 * The connections to one origin (scheme, host, port), and the calls that wait for one. A call whose deadline has passed leaves
 * the queue: where an origin hangs, new calls must not stand behind dead ones.
 */
export class Origin {
  /** Host and port as in the URL, for messages; cut where no name that exists could be so long. */
  readonly host: string
  readonly secure: boolean
  /** It was called since whoever keeps it last looked. */
  wasUsed = false
  readonly #options: OriginOptions
  readonly #open = new Set<Connection>()
  /** The one used last is used first, so that those not needed close. */
  readonly #free: Connection[] = []
  /** Connections that have had their first answer just now. Some receivers close after it, and do not say so before. */
  #proving = 0
  /** In their order; a Set, because a deadline takes calls out of the middle. */
  readonly #waiting = new Set<Delivery>()
  readonly #makeConnection: () => Connection

  /** Throws for what is not an http(s) origin. */
  constructor(key: string, options: OriginOptions) {
    const {origin, protocol, hostname, host, port} = new URL(key)
    if (origin !== key || !/^https?:$/.test(protocol)) throw new Error(`not an origin: ${key}`)
    this.host = host.slice(0, 260)
    this.secure = protocol === 'https:'
    this.#options = options

    const {secure} = this
    const target = {host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (secure ? 443 : 80), secure}
    const dial = (onread: OnReadOpts) => options.dial(target, onread)
    const ended = (connection: Connection) => this.#drop(connection)
    this.#makeConnection = () => new Connection({secure, dial, connectTimeoutMs: options.connectTimeoutMs, ended})
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#open.size === this.#free.length && this.#waiting.size === 0 && this.#proving === 0
  }

  /** Starts a call as soon as there is a connection for it. */
  send(delivery: Delivery): void {
    this.wasUsed = true
    this.#waiting.add(delivery)
    this.#sendWaiting()
  }

  /** A call that waits no longer. */
  forget(delivery: Delivery): void {
    this.#waiting.delete(delivery)
  }

  /** Takes back a connection whose answer was read to its end. */
  release(connection: Connection, now: number): void {
    if (connection.isOld(now)) return this.discard(connection)
    if (connection.isProven) return this.#reuse(connection)
    connection.isProven = true
    this.#proving += 1
    // The second one comes after the sockets were read again.
    setImmediate(() => setImmediate(() => this.#proved(connection)))
  }

  /** Ends a connection that is in an unknown state, and lets the next call have another. */
  discard(connection: Connection): void {
    void connection.destroy()
    // Not at once: a call may fail in `start`, and a thousand waiting ones would then nest.
    if (this.#waiting.size > 0) queueMicrotask(() => this.#sendWaiting())
  }

  /** Ends every connection. The calls under way are the caller's to end first. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((connection) => connection.destroy()))
  }

  /** The calls that wait or are under way. */
  deliveries(): Delivery[] {
    const started = [...this.#open].flatMap(({delivery}) => delivery ?? [])
    return [...this.#waiting, ...started]
  }

  #proved(connection: Connection): void {
    this.#proving -= 1
    if (this.#open.has(connection)) this.#reuse(connection)
    else this.#sendWaiting()
  }

  #reuse(connection: Connection): void {
    const {open, most} = this.#options.keeping
    if (this.#waiting.size === 0 && open > most) return this.discard(connection)
    this.#free.push(connection)
    connection.rest()
    this.#sendWaiting()
  }

  #openAnother(): Connection | null {
    if (this.#open.size >= this.#options.connections || this.#proving >= this.#waiting.size) return null
    const connection = this.#makeConnection()
    this.#open.add(connection)
    this.#options.keeping.open += 1
    return connection
  }

  /** It has ended. */
  #drop(connection: Connection): void {
    if (!this.#open.delete(connection)) return
    this.#options.keeping.open -= 1
    const at = this.#free.indexOf(connection)
    if (at >= 0) this.#free.splice(at, 1)
  }

  /** Starts the call that has waited longest, if there is a connection for it. */
  #sendWaiting(): void {
    const [next] = this.#waiting
    if (!next) return
    const connection = this.#free.pop() ?? this.#openAnother()
    if (!connection) return
    this.#waiting.delete(next)
    next.start(connection)
  }
}
