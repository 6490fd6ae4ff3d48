const carriageReturn = '\r\u001b[K'

/** More often than this nobody sees. */
const redrawMs = 100

/** One line on a terminal's stderr that says how far a long command is; silent where there is no terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #enabled: boolean
  #drawnAt = -Infinity

  constructor(stream: NodeJS.WriteStream, {enabled = true}: {enabled?: boolean} = {}) {
    this.#stream = stream
    this.#enabled = enabled && stream.isTTY === true
  }

  update(text: string): void {
    if (!this.#enabled || performance.now() - this.#drawnAt < redrawMs) return
    this.#drawnAt = performance.now()
    this.#stream.write(carriageReturn + text)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#drawnAt > -Infinity) this.#stream.write(carriageReturn)
    this.#drawnAt = -Infinity
  }
}
