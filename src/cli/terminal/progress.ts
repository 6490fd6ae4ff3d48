import {formatDuration} from '../../task/duration.js'

const carriageReturn = '\r\u001b[K'

/** More often than this nobody sees. */
const redrawMs = 100

/** One line on a terminal's stderr that says how far a long command is; silent where there is no terminal. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #enabled: boolean
  #drawnAt = -Infinity
  #isDrawn = false

  constructor(stream: NodeJS.WriteStream, {enabled = true}: {enabled?: boolean} = {}) {
    this.#stream = stream
    this.#enabled = enabled && stream.isTTY === true
  }

  /** Whether there is anybody to see it. */
  get isShown(): boolean {
    return this.#enabled
  }

  update(text: string): void {
    if (!this.#enabled || performance.now() - this.#drawnAt < redrawMs) return
    this.#drawnAt = performance.now()
    this.#isDrawn = true
    this.#stream.write(carriageReturn + text)
  }

  /** Takes the line away. */
  end(): void {
    this.clear()
    this.#drawnAt = -Infinity
  }

  /** Takes the line away for what is printed now; the next one comes in its time. */
  clear(): void {
    if (this.#isDrawn) this.#stream.write(carriageReturn)
    this.#isDrawn = false
  }
}

/** What to say of work that has just begun: how much is done of how much, how fast, and how long it will take. */
export function progressLine(verb: string, total: number): (done: number) => string {
  const startedAt = performance.now()
  return (done) => {
    const perMs = done / Math.max(1, performance.now() - startedAt)
    const left = perMs > 0 ? `, ${formatDuration((total - done) / perMs)} left` : ''
    const percent = Math.floor((100 * done) / Math.max(1, total))
    return `${verb}: ${done} of ${total} (${percent}%), ${Math.round(perMs * 1000)}/s${left}`
  }
}
