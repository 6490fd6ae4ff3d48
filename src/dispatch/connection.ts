import type {OnReadOpts} from 'node:net'
import type {Duplex} from 'node:stream'

import type {Delivery} from './delivery.js'
import {Opening} from './opening.js'
import {ResponseReader} from './response-reader.js'

/** Stops a connection that is still being made. */
class ConnectTimeout extends Error {
  readonly code = 'TORQUE_CONNECT_TIMEOUT'
}

/** The receiver ended the connection where an answer was to come. */
class ConnectionEnded extends Error {
  readonly code = 'ECONNRESET'
}

export interface ConnectionOptions {
  secure: boolean
  /** A new socket, on its way to the origin. */
  dial: (onread: OnReadOpts) => Duplex
  /** How long the name look-up, the TCP and the TLS handshake may take together. */
  connectTimeoutMs: number
  /** Called when it has ended, by whomever, and is of no more use. More than once, it may be. */
  ended: (connection: Connection) => void
}

/** How long a connection may be used: a name that has moved, or may no longer be called, is noticed within that time. */
const maxAgeMs = 60_000

/** Servers close idle connections after 5 s and more; a call that meets a closing one fails, so let go first. */
const keepIdleMs = 4000
/** By so much before the time that a receiver names. */
const idleMarginMs = 1000

/** What was read is handled before anything else is read: one place does for all connections. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** One HTTP/1.1 connection to an origin, for one call at a time. */
export class Connection {
  /** The call under way. */
  delivery: Delivery | null = null
  /** It was still open a turn of the event loop after an answer. */
  isProven = false
  readonly #options: ConnectionOptions
  #socket: Duplex | undefined
  #reader: ResponseReader | undefined
  #openedAt = -1
  #opening: Opening | undefined
  #error: Error | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #idleMs = keepIdleMs

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** It was made: what goes wrong from here on, goes wrong with a call that may have arrived. */
  get isOpen(): boolean {
    return this.#openedAt >= 0
  }

  isOld(now: number): boolean {
    return now - this.#openedAt > maxAgeMs
  }

  /** How it was made, until the call that it was made for has ended. */
  get opening(): Opening | undefined {
    return this.#opening
  }

  /** Makes a call; the first one makes the connection as well. */
  send(delivery: Delivery, request: string | Buffer): void {
    this.delivery = delivery
    this.#reader = new ResponseReader(delivery)
    if (this.isOpen) this.#write(request)
    else this.#open(delivery, request)
  }

  /** Waits for another call, for as long as the receiver will surely keep it. */
  rest(): void {
    const {keepAliveSeconds = Infinity} = this.#reader?.head ?? {}
    const idleMs = Math.min(keepIdleMs, keepAliveSeconds * 1000 - idleMarginMs)
    if (this.#idleTimer && idleMs === this.#idleMs) return void this.#idleTimer.refresh()
    clearTimeout(this.#idleTimer)
    this.#idleMs = idleMs
    this.#idleTimer = setTimeout(() => this.delivery ?? void this.destroy(), Math.max(0, idleMs))
  }

  /** Ends it at once, whatever it is doing; resolves when its socket is closed. */
  async destroy(): Promise<void> {
    this.delivery = null
    clearTimeout(this.#idleTimer)
    // Before its socket is closed, which takes a turn of the event loop: no call must take it meanwhile.
    this.#options.ended(this)
    const socket = this.#socket
    if (!socket || socket.closed) return
    await new Promise<void>((resolve) => socket.once('close', () => resolve()).destroy())
  }

  #open(delivery: Delivery, request: string | Buffer): void {
    const {dial, secure, connectTimeoutMs} = this.#options
    try {
      this.#socket = dial({buffer: readBuffer, callback: (length) => this.#read(readBuffer.subarray(0, length))})
    } catch (error) {
      return delivery.failed(error)
    }
    const socket = this.#socket
    this.#opening = new Opening(socket)
    const timer = setTimeout(() => socket.destroy(new ConnectTimeout()), connectTimeoutMs)
    socket
      .once(secure ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer)
        this.#openedAt = performance.now()
        if (this.delivery) this.#write(request)
      })
      .on('error', (error) => (this.#error = error))
      .on('end', () => this.#end())
      .once('close', () => {
        clearTimeout(timer)
        clearTimeout(this.#idleTimer)
        this.#end()
      })
  }

  #write(request: string | Buffer): void {
    if (typeof request === 'string') this.#socket!.write(request, 'latin1')
    else this.#socket!.write(request)
  }

  #read(bytes: Buffer): boolean {
    const [delivery, reader] = [this.delivery, this.#reader!]
    // Nobody asked for it: nothing it says can be trusted to answer the next call.
    if (!delivery) {
      void this.destroy()
      return true
    }
    try {
      const end = reader.read(bytes)
      if (this.delivery === delivery && reader.isComplete) this.#complete(delivery, end === bytes.length)
    } catch (error) {
      delivery.failed(error)
    }
    return true
  }

  #complete(delivery: Delivery, isClean: boolean): void {
    const canBeUsedAgain = isClean && this.#reader!.head!.keepAlive && this.#socket!.writableLength === 0
    this.delivery = null
    delivery.completed(canBeUsedAgain)
    this.#opening = undefined
  }

  #end(): void {
    const {delivery} = this
    if (delivery && this.#reader?.head?.body === 'close') this.#complete(delivery, false)
    else if (delivery) delivery.failed(this.#error ?? new ConnectionEnded())
    this.#options.ended(this)
  }
}
