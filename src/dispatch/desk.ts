import type {Queue} from '../queue/queue.js'

/** The safety net under wake-ups and timers: each queue is looked at this often, and its lost leases are taken back. */
const pollEveryMs = 1_000
/** One that has nothing waiting and nothing running is looked at twice as seldom each time, down to this. */
const emptyPollEveryMs = 8_000

export interface ClaimNote {
  nextDueMs: number | null
  passedOver: boolean
  isEmpty: boolean
  heldMs: number
  polled: boolean
}

/** When a queue is to be asked for tasks again, by this process's monotonic clock. */
export class Desk {
  readonly queue: Queue
  #dueAt = 0
  #pollAt = 0
  #pollEveryMs = pollEveryMs
  #woken = false
  #passedOver = false
  #isEmpty = false
  #heldUntil = 0

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

  /** One of its lanes has more that is due, and waits for room in this process. */
  get isPassedOver(): boolean {
    return this.#passedOver
  }

  /** Nothing waited and nothing ran when it was last asked, and nothing new was heard of since. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** A limit of the queue holds back what is due. */
  isHeld(now: number): boolean {
    return this.#heldUntil > now
  }

  isPolled(now: number): boolean {
    return this.#pollAt <= now
  }

  /** It has something new to do. */
  wake(): void {
    this.#woken = true
    this.#isEmpty = false
    this.#dueAt = 0
    // Also where this process has no place: what others claim of it may be lost.
    this.#pollAt = Math.min(this.#pollAt, performance.now() + pollEveryMs)
  }

  /** Its settings have changed: it is asked, whether there is a place for its tasks or not. */
  lookAnew(): void {
    this.wake()
    this.#pollAt = 0
  }

  /** A claim goes out: what is said from here on may be news to it. */
  asked(): void {
    this.#woken = false
  }

  /** Notes what the claim said, unless it was overtaken; `polled`: it has looked at all leases that were lost as well. */
  claimed({nextDueMs, passedOver, isEmpty, heldMs, polled}: ClaimNote, now: number): void {
    if (!this.#woken) this.#dueAt = nextDueMs === null ? Infinity : now + nextDueMs
    this.#passedOver = passedOver
    this.#isEmpty = isEmpty && !this.#woken
    // As long again: the claim that goes out then says what is held back still.
    if (heldMs > 0) this.#heldUntil = Math.max(this.#heldUntil, now + 2 * heldMs + pollEveryMs)
    if (!isEmpty) this.#pollEveryMs = pollEveryMs
    else if (polled) this.#pollEveryMs = Math.min(emptyPollEveryMs, this.#pollEveryMs * 2)
    const pollAt = now + this.#pollEveryMs
    this.#pollAt = polled ? pollAt : Math.min(this.#pollAt, pollAt)
  }
}
