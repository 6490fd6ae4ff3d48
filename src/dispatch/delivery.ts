import type {Outcome} from '../task/verdict.js'
import type {Abort, Abortable} from './abort.js'
import type {Connection} from './connection.js'
import {excerpt, excerptBytes} from './excerpt.js'
import type {Origin} from './origin.js'
import {type Failure, failureOf} from './outcome-code.js'
import type {ResponseHead} from './response-head.js'
import type {AnswerHandler} from './response-reader.js'

/** Reading on would cost the receiver's bandwidth and ours and tell nothing more. */
const maxAnswerBytes = 64 * 1024

/** More of a header than any date or number needs. */
const retryAfterChars = 128

/**
 * One call under way, from its wait for a connection to its outcome. Once a status line and headers are complete they are the
 * outcome, whatever becomes of the body.
 */
export class Delivery implements AnswerHandler, Abortable {
  readonly #resolve: (outcome: Outcome) => void
  readonly #timeoutMs: number
  readonly #startedAt = performance.now()
  #timer: NodeJS.Timeout | undefined
  #abort: Abort | undefined
  #origin: Origin | undefined
  #request: string | Buffer = ''
  #connection: Connection | undefined
  #ended = false
  #head: ResponseHead | undefined
  #received = 0
  #kept: Buffer | undefined

  constructor(timeoutMs: number, resolve: (outcome: Outcome) => void) {
    this.#timeoutMs = timeoutMs
    this.#resolve = resolve
  }

  /** Sends the request when the origin has a connection for it. */
  begin(origin: Origin, request: string | Buffer, abort: Abort | undefined): void {
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
    connection.send(this, this.#request)
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

  answered(head: ResponseHead): void {
    this.#head = head
    this.#connection?.opening?.answered()
  }

  received(part: Buffer): void {
    this.#received += part.length
    const room = excerptBytes - (this.#kept?.length ?? 0)
    if (room > 0) this.#kept = Buffer.concat([this.#kept ?? Buffer.alloc(0), part.subarray(0, room)])
    if (this.#received > maxAnswerBytes) this.end(null)
  }

  /** The answer was read to its end. */
  completed(connectionCanBeUsedAgain: boolean): void {
    const [now, origin, connection] = [this.#settle(null), this.#origin!, this.#connection!]
    if (connectionCanBeUsedAgain) origin.release(connection, now)
    else origin.discard(connection)
  }

  failed(error: unknown): void {
    if (this.#ended) return
    const {host, secure} = this.#origin!
    this.end(failureOf(error, {host, secure, sent: this.#connection!.isOpen}))
  }

  #settle(failure: Failure | null): number {
    const now = performance.now()
    this.#ended = true
    clearTimeout(this.#timer)
    this.#abort?.unwatch()
    this.#resolve(this.#outcome(failure, Math.round(now - this.#startedAt)))
    return now
  }

  #outcome(failure: Failure | null, durationMs: number): Outcome {
    const head = this.#head
    const opening = this.#connection?.opening
    return {
      status: head?.status ?? null,
      error: head ? null : (failure?.code ?? 'internal'),
      message: head ? null : (failure?.message ?? null),
      durationMs,
      response: this.#kept ? excerpt(this.#kept) : null,
      retryAfter: head?.retryAfter?.slice(0, retryAfterChars) ?? null,
      noRetry: head?.torqueRetry?.toLowerCase() === 'no',
      ...(opening && {timing: opening.timing}),
    }
  }
}

/** After the sockets were read: where the process was held up, the answer may be lying there. */
function expire(delivery: Delivery): void {
  setImmediate(() => delivery.expire())
}
