export interface Abortable {
  abort(): void
}

/**
 * Gives a call up: what an AbortController does, for a hundredth of the price. An AbortSignal takes over 5 µs to make, a third
 * of what a whole call costs.
 */
export class Abort {
  #call: Abortable | undefined
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  abort(): void {
    this.#aborted = true
    this.#call?.abort()
  }

  /** For the call: give it up when the time comes. */
  watch(call: Abortable): void {
    this.#call = call
  }

  /** The call has ended. */
  unwatch(): void {
    this.#call = undefined
  }
}
