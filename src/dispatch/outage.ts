/** Waits between tries while Redis is away: soon at first, a second at most, and never in step with other processes. */
const firstWaitMs = 50
const longestWaitMs = 1_000

/** Whether Redis answers, as far as this process has seen. */
export class Outage {
  #failures = 0

  get isOn(): boolean {
    return this.#failures > 0
  }

  /** Notes a failed call. Resolves to the ms to wait before the next one. */
  fail(): number {
    this.#failures += 1
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures, 10))
    return wait * (0.5 + Math.random() / 2)
  }

  /** Notes an answer. True: it ended an outage. */
  end(): boolean {
    const ended = this.isOn
    this.#failures = 0
    return ended
  }
}
