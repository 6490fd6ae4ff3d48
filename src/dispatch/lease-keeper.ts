import {TorqueError} from '../errors.js'
import {groupBy} from '../group-by.js'
import type {Logger} from '../log.js'
import type {Claim, Queue} from '../queue/queue.js'
import {allDone} from './all-done.js'
import type {Flight} from './flight.js'

export interface LeaseKeeperOptions {
  leaseMs: number
  log: Logger
  /** Which of these tasks there still are. */
  existing: (queue: Queue, ids: readonly string[]) => Promise<ReadonlySet<string>>
}

/** Holds what this process has in flight, and extends each lease well before it ends. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  readonly #flights = new Set<Flight>()

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#flights.size
  }

  /** When a lease that begins now must be extended: two tries fit in before it ends. */
  nextExtension(): number {
    return performance.now() + this.#options.leaseMs / 3
  }

  /** False once the lease may be over: another process may have the task, or nobody. */
  isSafe({lost, extendAt}: Flight): boolean {
    return !lost && performance.now() < extendAt + this.#options.leaseMs / 3
  }

  add(flight: Flight): void {
    this.#flights.add(flight)
  }

  delete(flight: Flight): void {
    this.#flights.delete(flight)
  }

  /** True while this attempt is in hand here. */
  holds(queue: Queue, {task, attempt}: Claim): boolean {
    return [...this.#flights].some(
      ({queue: ours, claim}) => ours === queue && claim.task.id === task.id && claim.attempt === attempt,
    )
  }

  /** Ends every call that still runs. */
  abortAll(): void {
    for (const {abort} of this.#flights) abort.abort()
  }

  /** Extends the leases that want it, `all` of them after an outage. A lost one's call is ended. Throws what Redis throws. */
  async extend({all = false} = {}): Promise<void> {
    const now = performance.now()
    await this.renew([...this.#flights].filter(({lost, extendAt}) => !lost && (all || extendAt <= now)))
  }

  /** Extends these leases now, and so finds out which are lost. Throws what Redis throws. */
  async renew(wanting: readonly Flight[]): Promise<void> {
    const byQueue = groupBy(wanting, ({queue}) => queue)
    await allDone([...byQueue].map(([queue, flights]) => this.#tryExtend(queue, flights)))
  }

  /** Throws only what concerns all queues: one whose data Redis cannot work with must not cost the others their leases. */
  async #tryExtend(queue: Queue, flights: readonly Flight[]): Promise<void> {
    try {
      await this.#extend(queue, flights)
    } catch (error) {
      if (!(error instanceof TorqueError) || error.code !== 'internal') throw error
      this.#options.log.error({err: error, queue: queue.name}, 'the leases of this queue cannot be extended')
    }
  }

  async #extend(queue: Queue, flights: readonly Flight[]): Promise<void> {
    const held = flights.map((flight) => ({id: flight.claim.task.id, attempt: flight.claim.attempt, flight}))
    const gone = await queue.extend(held, this.#options.leaseMs)
    for (const flight of flights) flight.extendAt = this.nextExtension()
    if (gone.length === 0) return
    const ids = gone.map(({id}) => id)
    const existing = await this.#options.existing(queue, ids)
    for (const {id, flight} of gone) this.#lose(flight, {isPurged: !existing.has(id)})
  }

  #lose(flight: Flight, {isPurged}: {isPurged: boolean}): void {
    // Settled while the call to extend was on its way.
    if (!this.#flights.has(flight)) return
    flight.lost = true
    const details = {queue: flight.queue.name, id: flight.claim.task.id, attempt: flight.claim.attempt}
    // Nobody else calls a task that was purged, and who purged it did not ask for its call to be cut off.
    if (isPurged) return this.#options.log.info(details, 'purged: a task in hand is gone; where its call has begun, that goes on')
    flight.abort.abort()
    this.#options.log.warn(details, 'stale_lease: the lease was lost, its call is ended')
  }
}
