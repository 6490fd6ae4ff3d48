const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'

/** A full-screen view that is redrawn, and leaves the terminal as it found it however the process ends. */
export class LiveScreen {
  readonly #stream: NodeJS.WriteStream
  #open = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  start(): void {
    process.on('exit', this.#restore)
    process.on('SIGTSTP', this.#suspend)
    process.on('SIGCONT', this.#enter)
    this.#enter()
  }

  stop(): void {
    this.#restore()
    process.off('exit', this.#restore)
    process.off('SIGTSTP', this.#suspend)
    process.off('SIGCONT', this.#enter)
  }

  /** Shows a text, cut to the height of the terminal. Drawn over the last one: clearing first would flicker. */
  draw(text: string): void {
    const lines = text.split('\n').slice(0, this.#stream.rows || 24)
    this.#stream.write(home + lines.map((line) => line + clearLine).join('\n') + clearBelow)
  }

  readonly #enter = (): void => {
    this.#open = true
    this.#stream.write(enter)
  }

  readonly #restore = (): void => {
    if (this.#open) this.#stream.write(leave)
    this.#open = false
  }

  /** Ctrl-Z: the shell gets its screen back first. */
  readonly #suspend = (): void => {
    this.#restore()
    process.kill(process.pid, 'SIGSTOP')
  }
}
