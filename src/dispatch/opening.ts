import type {Duplex} from 'node:stream'

import type {Timing} from '../task/task.js'

/** How far the making of a connection had come, and when: for the call that it was made for. */
export class Opening {
  readonly #startedAt = performance.now()
  #lookedUpAt: number | undefined
  #connectedAt: number | undefined
  #securedAt: number | undefined
  #answeredAt: number | undefined

  constructor(socket: Duplex) {
    socket
      .once('lookup', () => (this.#lookedUpAt = performance.now()))
      .once('connect', () => (this.#connectedAt = performance.now()))
      .once('secureConnect', () => (this.#securedAt = performance.now()))
  }

  /** Status and headers of the first answer are complete. */
  answered(): void {
    this.#answeredAt = performance.now()
  }

  /** Each part in ms; null for what was not needed, or not reached. */
  get timing(): Timing {
    const openAt = this.#securedAt ?? this.#connectedAt
    return {
      dnsMs: length(this.#startedAt, this.#lookedUpAt),
      connectMs: length(this.#lookedUpAt ?? this.#startedAt, this.#connectedAt),
      tlsMs: length(this.#connectedAt, this.#securedAt),
      firstByteMs: length(openAt, this.#answeredAt),
    }
  }
}

function length(from: number | undefined, to: number | undefined): number | null {
  return from === undefined || to === undefined ? null : Math.round(to - from)
}
