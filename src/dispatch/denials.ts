/** A call that the policy did not allow, for the operator's eyes. */
export interface Denial {
  host: string
  port: number
  /** May name the address. */
  reason: string
}

/** A target is told of once in so long, in ms, and of so many targets at the most: who has tasks added may name any number. */
const toldEveryMs = 60_000
const mostTold = 100

/** Tells of denied calls, and not of each. */
export class Denials {
  readonly #tell: (denial: Denial) => void
  readonly #told = new Set<string>()
  #toldSince = 0

  constructor(tell: (denial: Denial) => void) {
    this.#tell = tell
  }

  add(denial: Denial, now: number): void {
    if (now - this.#toldSince > toldEveryMs) {
      this.#told.clear()
      this.#toldSince = now
    }
    const target = `${denial.host}:${denial.port}`
    if (this.#told.has(target) || this.#told.size === mostTold) return
    this.#told.add(target)
    this.#tell(denial)
  }
}
