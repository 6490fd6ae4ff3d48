import {type Socket, isIP} from 'node:net'
import {Duplex} from 'node:stream'

import type {Target} from './egress.js'
import {LookupError} from './lookup.js'
import {readHead} from './response-head.js'

/** An HTTP proxy that all calls go through. */
export interface Proxy {
  /** A name, or an address without brackets. */
  host: string
  port: number
  /** What it wants to hear in `Proxy-Authorization`. */
  authorization?: string | undefined
}

/** The proxy opened no way to the target. Says nothing of where the proxy is. */
export class ProxyError extends Error {
  readonly code = 'TORQUE_PROXY'
}

/** As much as torque reads of any head. */
const maxHeadBytes = 16 * 1024

/**
 * A way through a proxy to a target, by CONNECT (RFC 9110, section 9.3.6): emits `connect` when it is open, and carries what is written
 * and read like the socket of a direct call. What is written before that waits.
 */
export class Tunnel extends Duplex {
  readonly #socket: Socket
  readonly #request: string
  #head = ''
  #isOpen = false
  /** Of what was written before it opened: there is one at a time. */
  #held: (() => void) | undefined

  constructor(socket: Socket, {host, port}: Target, {authorization}: Proxy) {
    super({allowHalfOpen: true})
    this.#socket = socket
    const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
    const credentials = authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`
    this.#request = `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${credentials}\r\n`
    socket
      .once('connect', () => socket.write(this.#request, 'latin1'))
      .on('data', (bytes: Buffer) => this.#receive(bytes))
      .on('end', () => this.#end())
      .on('error', (error) => this.destroy(this.#isOpen ? error : new ProxyError(reasonOf(error))))
      .on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: (error?: Error | null) => void): void {
    const write = () => void this.#socket.write(chunk, written)
    if (this.#isOpen) write()
    else this.#held = write
  }

  override _final(ended: () => void): void {
    this.#socket.end(ended)
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.#socket.destroy()
    destroyed(error)
  }

  #receive(bytes: Buffer): void {
    if (!this.#isOpen) this.#readHead(bytes)
    else if (!this.push(bytes)) this.#socket.pause()
  }

  #readHead(bytes: Buffer): void {
    this.#head += bytes.toString('latin1')
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0 && this.#head.length <= maxHeadBytes) return
    const problem = end < 0 ? 'its answer has no end' : problemOf(this.#head.slice(0, end), this.#head.length - (end + 4))
    if (problem !== null) return void this.destroy(new ProxyError(problem))
    this.#isOpen = true
    this.emit('connect')
    this.#held?.()
  }

  #end(): void {
    if (this.#isOpen) this.push(null)
    else this.destroy(new ProxyError('it closed the connection'))
  }
}

function problemOf(head: string, bytesAfter: number): string | null {
  try {
    const {status} = readHead(head)
    if (status < 200 || status > 299) return `it answered ${status}`
    // Nobody has asked the target for anything yet.
    return bytesAfter > 0 ? 'it sent more than its answer' : null
  } catch {
    return 'it did not answer in valid HTTP/1.1'
  }
}

function reasonOf(error: Error): string {
  if (error instanceof LookupError) return `its name could not be looked up: ${error.message}`
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error]
  return `it cannot be reached (${String((errors[0] as NodeJS.ErrnoException).code)})`
}
