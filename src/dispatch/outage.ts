/** Waits between tries while Redis is away: soon at first, a second at most, and never in step with other processes. */
const firstWaitMs = 50
const longestWaitMs = 1_000

/** Whether Redis answers, as far as this process has seen. */
export class Outage {
  #isOn = false
  #failures = 0

  get isOn(): boolean {
    return this.#isOn
  }

  /** How many tries have failed since all was well. */
  get failures(): number {
    return this.#failures
  }

  /** Notes that something could not be written: from here on Redis is first asked whether it is back. */
  begin(): void {
    this.#isOn = true
  }

  /** Notes a failed try. Resolves to the ms to wait before the next one. */
  fail(): number {
    this.#isOn = true
    this.#failures += 1
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures, 10))
    return wait * (0.5 + Math.random() / 2)
  }

  /** Notes that it answers. It may do that and still refuse to write, so the waits go on growing until all is well. */
  end(): void {
    this.#isOn = false
  }

  /** Notes that all that was asked was done. True: tries had failed before. */
  allIsWell(): boolean {
    const hadFailed = this.#failures > 0
    this.#failures = 0
    return hadFailed
  }
}
