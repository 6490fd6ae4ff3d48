import type {Queue} from '../queue/queue.js'

/** The safety net under wake-ups and timers: each queue is looked at this often, and its lost leases are taken back. */
const pollEveryMs = 1_000

/** When a queue is to be asked for tasks again, by this process's monotonic clock. */
export class Desk {
  readonly queue: Queue
  #dueAt = 0
  #pollAt = 0
  #woken = false

  constructor(queue: Queue) {
    this.queue = queue
  }

  get pollAt(): number {
    return this.#pollAt
  }

  /** When to claim, or at least to poll. */
  get nextAt(): number {
    return Math.min(this.#dueAt, this.#pollAt)
  }

  isDue(now: number): boolean {
    return this.#dueAt <= now
  }

  isPolled(now: number): boolean {
    return this.#pollAt <= now
  }

  /** It has something new to do. */
  wake(): void {
    this.#woken = true
    this.#dueAt = 0
  }

  /** A claim goes out: what is said from here on may be news to it. */
  asked(): void {
    this.#woken = false
  }

  /** Notes what the claim said, unless it was overtaken; `polled`: it looked for lost leases as well. */
  claimed({nextDueMs, polled}: {nextDueMs: number | null; polled: boolean}, now: number): void {
    if (!this.#woken) this.#dueAt = nextDueMs === null ? Infinity : now + nextDueMs
    if (polled) this.#pollAt = now + pollEveryMs
  }
}
