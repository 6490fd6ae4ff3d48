import {groupBy} from '../group-by.js'
import type {Logger} from '../log.js'
import type {Queue} from '../queue/queue.js'
import {batchLimit} from '../queue/context.js'
import type {Verdict} from '../task/verdict.js'
import type {Flight} from './flight.js'
import type {Outage} from './outage.js'

/** Verdicts written together cost Redis one script call; a lone one waits this long for company. */
const gatherMs = 2
const gatherAt = 32

export interface SettlerOptions {
  keepDelivered: number
  outage: Outage
  log: Logger
  /** Called with the flights whose verdicts are written, or were no longer theirs to write. */
  settled(flights: readonly Flight[]): void
}

interface Pending {
  flight: Flight
  verdict: Verdict
}

/**
 * Writes verdicts, as many at once as have come, one call in flight. One that could not be written is tried until it is: the hook
 * was called, and is not called again for want of a note of it.
 */
export class Settler {
  readonly #options: SettlerOptions
  #pending: Pending[] = []
  #gathering: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /** How many verdicts wait to be written. */
  get size(): number {
    return this.#pending.length
  }

  push(flight: Flight, verdict: Verdict): void {
    this.#pending.push({flight, verdict})
    if (this.#writing || this.#options.outage.isOn) return
    if (this.#pending.length >= gatherAt) this.#flushInBackground()
    else this.#gathering ??= setTimeout(() => this.#flushInBackground(), gatherMs)
  }

  /** Writes what is there, and what comes while it writes. Throws what Redis threw; the verdicts it did not take stay. */
  flush(): Promise<void> {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined))
    return this.#writing
  }

  #flushInBackground(): void {
    // The dispatcher finds the outage at its next claim, and flushes when it is over.
    this.flush().catch((error: unknown) => {
      this.#options.log.warn({err: error, waiting: this.size}, 'verdicts wait for Redis')
      this.#options.outage.fail()
    })
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const byQueue = groupBy(this.#pending, ({flight}) => flight.queue)
      await Promise.all([...byQueue].map(([queue, pending]) => this.#write(queue, pending.slice(0, batchLimit))))
    }
  }

  async #write(queue: Queue, batch: Pending[]): Promise<void> {
    const settlements = batch.map(({flight, verdict}) => ({
      flight,
      task: flight.claim.task,
      attempt: flight.claim.attempt,
      verdict,
      // A task given back keeps its place in its lane.
      ...(verdict.op === 'release' && {dueAt: flight.claim.dueAt}),
    }))
    const late = await queue.settle(settlements, {keepDelivered: this.#options.keepDelivered})
    const written = new Set(batch)
    this.#pending = this.#pending.filter((pending) => !written.has(pending))
    for (const {flight} of late) this.#reportLate(flight)
    this.#options.settled(batch.map(({flight}) => flight))
  }

  #reportLate(flight: Flight): void {
    if (flight.lost) return
    flight.lost = true
    const {task, attempt} = flight.claim
    this.#options.log.warn(
      {queue: flight.queue.name, id: task.id, attempt},
      'stale_lease: a result came too late and changed nothing',
    )
  }
}
