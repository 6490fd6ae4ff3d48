import type {Queue} from '../queue/queue.js'

/** Two polls. */
const leastQuietMs = 2_000

/** Says when tasks whose lease ran out may be taken back from others: not for one lease after nobody could look after leases. */
export class LeaseWatch {
  readonly #leaseMs: number
  /** From when on, by this process's monotonic clock, as far as itself has seen. */
  #from = 0

  constructor({leaseMs}: {leaseMs: number}) {
    this.#leaseMs = leaseMs
  }

  /** Redis was away: what ran out meanwhile is its owner's to settle or extend first. */
  begin(): void {
    this.#from = performance.now() + this.#leaseMs
  }

  /** Asked whenever a queue is polled. Who has just started cannot know of an outage; Redis does, by when it was asked last. */
  async mayReclaim(queue: Queue): Promise<boolean> {
    // A lease lasts so much longer than it takes to see to it again: a shorter outage makes none run out.
    const quietMs = Math.max(leastQuietMs, this.#leaseMs / 3)
    return (await queue.watch({leaseMs: this.#leaseMs, quietMs})) && performance.now() >= this.#from
  }
}
