/** Chance that a seed repeats: the same numbers in the same order (mulberry32, by Tommy Ettinger). */
export class Random {
  #state

  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** 0 ≤ number < 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, `from` and `to` included. */
  between(from, to) {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** True this often. */
  chance(share) {
    return this.next() < share
  }

  pick(list) {
    return list[this.between(0, list.length - 1)]
  }

  shuffle(list) {
    const mixed = [...list]
    for (let at = mixed.length - 1; at > 0; at--) {
      const other = this.between(0, at)
      ;[mixed[at], mixed[other]] = [mixed[other], mixed[at]]
    }
    return mixed
  }
}
