const exitCodes = {SIGINT: 130, SIGTERM: 143} as const

/** Ctrl-C, or a request to end, turned into a wish that a command can look at between two steps. The second one ends it at once. */
export class Interrupt {
  readonly #controller = new AbortController()
  #exitCode = 0

  constructor() {
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** What a shell expects of a command that a signal ended; 0 when none came. */
  get exitCode(): number {
    return this.#exitCode
  }

  /** Back to what signals do by default. */
  stop(): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
  }

  readonly #onSignal = (name: keyof typeof exitCodes): void => {
    if (this.signal.aborted) process.exit(exitCodes[name])
    this.#exitCode = exitCodes[name]
    this.#controller.abort()
  }
}
