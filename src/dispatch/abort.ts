export interface Abortable {
  abort(): void
}

/**
 * Gives calls up: what an AbortController does, for a hundredth of the price. An AbortSignal takes over 5 µs to make, a third
 * of what a whole call costs.
 */
export class Abort {
  readonly #calls = new Set<Abortable>()
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  abort(): void {
    this.#aborted = true
    for (const call of this.#calls) call.abort()
  }

  /** For the call: give it up when the time comes. */
  watch(call: Abortable): void {
    this.#calls.add(call)
  }

  unwatch(call: Abortable): void {
    this.#calls.delete(call)
  }
}
