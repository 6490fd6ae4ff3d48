import type {Dispatcher} from 'undici'

import type {Outcome} from '../task/verdict.js'
import type {Abort, Abortable} from './abort.js'
import type {CallRequest} from './call-request.js'
import type {Connection} from './connection.js'
import {excerpt, excerptBytes} from './excerpt.js'
import type {Origin} from './origin.js'
import {type Failure, failureOf} from './outcome-code.js'

/** Reading on would cost the receiver's bandwidth and ours and tell nothing more. */
const maxAnswerBytes = 64 * 1024

/** More of a header than any date or number needs. */
const retryAfterChars = 128

/**
 * One call under way, from its wait for a connection to its outcome; the handler undici reports to.
 *
 * The older of undici's two handler interfaces: it is called as it stands, the other through a wrapper that costs an object
 * and a parsed header map per call.
 *
 * Once a status line and headers are complete they are the outcome, whatever becomes of the body.
 */
export class Delivery implements Dispatcher.DispatchHandler, Abortable {
  readonly #resolve: (outcome: Outcome) => void
  readonly #timeoutMs: number
  readonly #startedAt = performance.now()
  #timer: NodeJS.Timeout | undefined
  #abort: Abort | undefined
  #origin: Origin | undefined
  #request: CallRequest | undefined
  #connection: Connection | undefined
  #sent = false
  #ended = false
  #status = 0
  #retryAfter: string | null = null
  #noRetry = false
  #received = 0
  #kept: Buffer | undefined

  constructor(timeoutMs: number, resolve: (outcome: Outcome) => void) {
    this.#timeoutMs = timeoutMs
    this.#resolve = resolve
  }

  /** Sends the request when the origin has a connection for it. */
  begin(origin: Origin, request: CallRequest, abort: Abort | undefined): void {
    this.#origin = origin
    this.#request = request
    this.#abort = abort
    abort?.watch(this)
    this.#timer = setTimeout(expire, this.#timeoutMs, this)
    origin.send(this)
  }

  /** Called by the origin, with a connection that is this call's until it has ended. */
  start(connection: Connection): void {
    this.#connection = connection
    connection.delivery = this
    connection.client.dispatch(this.#request!, this)
  }

  abort(): void {
    this.end({code: 'aborted', message: 'the call was given up'})
  }

  /** Ends the call where it stands: with its answer if one has come, with the failure if not. */
  end(failure: Failure | null): void {
    if (this.#ended) return
    this.#settle(failure)
    if (this.#connection) this.#origin!.discard(this.#connection)
    else this.#origin?.forget(this)
  }

  expire(): void {
    this.end({code: 'timeout', message: `no answer from ${this.#origin!.host} within ${this.#timeoutMs / 1000} s`})
  }

  onConnect(): void {
    this.#sent = true
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status >= 200) {
      this.#status = status
      if (status >= 300) this.#readAdvice(headers)
    } else if (status === 101) {
      this.end({code: 'protocol', message: `${this.#origin!.host} answered 101 to a call that asked for no upgrade`})
    }
    return true
  }

  onData(chunk: Buffer): boolean {
    this.#received += chunk.length
    if (this.#kept === undefined) this.#kept = chunk
    else if (this.#kept.length < excerptBytes) this.#kept = Buffer.concat([this.#kept, chunk])
    if (this.#received > maxAnswerBytes) this.end(null)
    return true
  }

  onComplete(): void {
    if (this.#ended) return
    const now = this.#settle(null)
    this.#connection!.delivery = null
    this.#origin!.release(this.#connection!, now)
  }

  onError(error: unknown): void {
    if (this.#ended) return
    const {host, secure} = this.#origin!
    this.end(failureOf(error, {host, secure, sent: this.#sent}))
  }

  #settle(failure: Failure | null): number {
    const now = performance.now()
    this.#ended = true
    clearTimeout(this.#timer)
    this.#abort?.unwatch(this)
    this.#resolve(this.#outcome(failure, Math.round(now - this.#startedAt)))
    return now
  }

  #outcome(failure: Failure | null, durationMs: number): Outcome {
    const answered = this.#status > 0
    return {
      status: answered ? this.#status : null,
      error: answered ? null : (failure?.code ?? 'internal'),
      message: answered ? null : (failure?.message ?? null),
      durationMs,
      response: this.#kept ? excerpt(this.#kept) : null,
      retryAfter: this.#retryAfter,
      noRetry: this.#noRetry,
    }
  }

  /** What the answer says about trying again; the first of several headers counts. */
  #readAdvice(headers: Buffer[]): void {
    for (let i = headers.length - 2; i >= 0; i -= 2) {
      const name = headers[i]!.toString('latin1').toLowerCase()
      const value = () => headers[i + 1]!.toString('latin1').trim()
      if (name === 'retry-after') this.#retryAfter = value().slice(0, retryAfterChars)
      if (name === 'torque-retry') this.#noRetry = value().toLowerCase() === 'no'
    }
  }
}

/** After the sockets were read: where the process was held up, the answer may be lying there. */
function expire(delivery: Delivery): void {
  setImmediate(() => delivery.expire())
}
