import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'
import type {Queue} from '../queue/queue.js'
import {batchLimit} from '../queue/context.js'
import type {Settlement} from '../queue/scripts/settle.js'
import type {Verdict} from '../task/verdict.js'
import {traceOf} from '../task/trace.js'
import {allDone} from './all-done.js'
import type {Flight} from './flight.js'
import type {Outage} from './outage.js'

/** Verdicts written together cost Redis one script call: each waits this long for company, unless there is none to come. */
const gatherMs = 5
const gatherAt = 100
/** So many of one queue are worth a script call of their own when a claim goes out anyway. */
const goesAlong = 16

export interface SettlerOptions {
  keepDelivered: number
  outage: Outage
  log: Logger
  /** Called with what Redis threw: the verdicts wait for its return. */
  away: (error: unknown) => void
  /** No call runs that could bring another verdict soon. */
  isQuiet: () => boolean
  /** Called with what is written, and which of it was no longer its to write. */
  settled: (settled: readonly Pending[], late: readonly Pending[]) => void
}

/** A flight on its way out. */
export interface Pending extends Settlement {
  flight: Flight
  /** It was sent and the answer never came: it may have been written. */
  isUnsure: boolean
}

/**
 * Writes verdicts, as many at once as have come, one call in flight. One that could not be written is tried until it is: the hook
 * was called, and is not called again for want of a note of it.
 */
export class Settler {
  readonly #options: SettlerOptions
  /** In the order they came. */
  readonly #pending = new Map<Queue, Pending[]>()
  #size = 0
  #gathering: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /** How many verdicts wait to be written. */
  get size(): number {
    return this.#size
  }

  /** `isProof`: its target answers, and Redis is to note that. */
  push(flight: Flight, verdict: Verdict, {isProof = false} = {}): void {
    const {queue, claim} = flight
    const {task, attempt, dueAt} = claim
    // A task given back keeps its place in its lane.
    const dueAgainAt = verdict.op === 'release' ? dueAt : undefined
    const pending = {flight, task, attempt, verdict, dueAt: dueAgainAt, isProof, isUnsure: false}
    const waiting = this.#pending.get(queue)
    if (waiting) waiting.push(pending)
    else this.#pending.set(queue, [pending])
    this.#size += 1
    this.gather()
  }

  /** Writes what is there, and what comes while it writes. Throws what Redis threw; the verdicts it did not take stay. */
  async flush(): Promise<void> {
    while (this.#writing || this.#size > 0) await this.#writeOnce()
  }

  /** Has what waits written soon, unless Redis is away. */
  gather(): void {
    if (this.#writing || this.#size === 0) return
    if (this.#size >= gatherAt || this.#options.isQuiet()) this.write()
    else this.#gathering ??= setTimeout(() => this.write(), gatherMs)
  }

  /** What goes along with a claim: the verdicts of queues that have enough of them. */
  writeAlong(): void {
    for (const waiting of this.#pending.values()) if (waiting.length >= goesAlong) return this.write({least: goesAlong})
  }

  /** Has what waits written now, unless Redis is away; of each queue that has so many, at `least`. */
  write({least = 1} = {}): void {
    this.#stopGathering()
    if (this.#writing || this.#size === 0) return
    // They are flushed when it is over.
    if (this.#options.outage.isOn) return
    this.#writeOnce(least).then(
      () => this.gather(),
      (error: unknown) => this.#options.away(error),
    )
  }

  /** What is there now; the call in flight, where there is one. */
  #writeOnce(least = 1): Promise<void> {
    this.#stopGathering()
    this.#writing ??= this.#writeBatches(least).finally(() => (this.#writing = undefined))
    return this.#writing
  }

  #stopGathering(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
  }

  async #writeBatches(least: number): Promise<void> {
    const enough = [...this.#pending].filter(([, waiting]) => waiting.length >= least)
    await allDone(enough.map(([queue, waiting]) => this.#write(queue, waiting)))
  }

  async #write(queue: Queue, waiting: Pending[]): Promise<void> {
    const batch = waiting.slice(0, batchLimit)
    const late = await this.#settle(queue, batch)
    // What came meanwhile stands behind them.
    waiting.splice(0, batch.length)
    this.#size -= batch.length
    if (waiting.length === 0) this.#pending.delete(queue)
    for (const pending of late) this.#reportLate(pending)
    this.#options.settled(batch, late)
  }

  /** Resolves to what came too late. A verdict that Redis refuses, now and ever, must not hold up the others. */
  async #settle(queue: Queue, batch: readonly Pending[]): Promise<readonly Pending[]> {
    try {
      return await queue.settle(batch, {keepDelivered: this.#options.keepDelivered})
    } catch (error) {
      if (!(error instanceof TorqueError)) throw error
      if (error.code === 'outcome_unknown') for (const pending of batch) pending.isUnsure = true
      if (error.code !== 'internal') throw error
      const [only, ...more] = batch
      if (more.length > 0) return (await Promise.all(batch.map((pending) => this.#settle(queue, [pending])))).flat()
      this.#options.log.error({err: error, queue: queue.name, id: only?.flight.claim.task.id}, 'a verdict cannot be written')
      return []
    }
  }

  #reportLate({flight, isUnsure}: Pending): void {
    // Late is also what was written by the call whose answer got lost.
    if (flight.lost || isUnsure) return
    flight.lost = true
    const {task, attempt} = flight.claim
    this.#options.log.warn(
      {queue: flight.queue.name, id: task.id, attempt, ...traceOf(task)},
      'stale_lease: a result came too late and changed nothing',
    )
  }
}
