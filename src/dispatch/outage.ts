import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'

/** Waits between tries while Redis is away: soon at first, a second at most, and never in step with other processes. */
const firstWaitMs = 50
const longestWaitMs = 1_000

/** Whether Redis answers, as far as this process has seen. Its beginning and its end are told to the log, once each. */
export class Outage {
  readonly #log: Logger
  #isOn = false
  #failures = 0
  /** When it was first noticed; undefined while all is well. */
  #beganAt: number | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** Notes what could not be done: from here on Redis is first asked whether it is back. */
  begin(error: unknown): void {
    this.#isOn = true
    if (this.#beganAt !== undefined) return
    this.#beganAt = performance.now()
    this.#log.warn(reasonOf(error), 'Redis is away')
  }

  /** Notes a failed try. Resolves to the ms to wait before the next one. */
  fail(error: unknown): number {
    this.begin(error)
    this.#failures += 1
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures, 10))
    return wait * (0.5 + Math.random() / 2)
  }

  /** Notes that it answers. It may do that and still refuse to write, so the waits go on growing until all is well. */
  end(): void {
    this.#isOn = false
  }

  /** Notes that all that was asked was done. */
  allIsWell(): void {
    if (this.#isOn) return
    this.#failures = 0
    if (this.#beganAt === undefined) return
    this.#log.info({awayMs: Math.round(performance.now() - this.#beganAt)}, 'Redis is back')
    this.#beganAt = undefined
  }
}

/** Whether an error says that Redis is away; a full one is not. */
export function isAway(error: unknown): boolean {
  return error instanceof TorqueError && (error.code === 'redis_unavailable' || error.code === 'outcome_unknown')
}

/** In torque's words: those of the library below are of no use to whoever runs it. A bug comes with all there is to say. */
function reasonOf(error: unknown): object {
  return error instanceof TorqueError ? {code: error.code, reason: error.message} : {err: error}
}
