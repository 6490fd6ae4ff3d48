/**
 * A pattern for a whole text: `*` stands for any characters, also none, and every other character for itself. Each piece between
 * two stars is looked for once, from where the last one ended, so no pattern takes longer than text and pattern are long.
 */
export class Glob {
  readonly #first: string
  readonly #middle: readonly string[]
  /** Undefined: there is no star, and the text must be the pattern. */
  readonly #last: string | undefined

  constructor(pattern: string) {
    const [first = '', ...rest] = pattern.split(/\*+/)
    this.#first = first
    this.#last = rest.pop()
    this.#middle = rest
  }

  matches(text: string): boolean {
    if (this.#last === undefined) return text === this.#first
    if (!text.startsWith(this.#first) || !text.endsWith(this.#last)) return false
    let at = this.#first.length
    for (const piece of this.#middle) {
      const found = text.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at <= text.length - this.#last.length
  }
}
