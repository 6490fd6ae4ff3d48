import {openFilesLimit} from './open-files.js'
import {Origin, type OriginOptions} from './origin.js'

/** An origin without calls is dropped after one to two of these. */
const sweepEveryMs = 30_000

export interface OriginsOptions extends Omit<OriginOptions, 'keeping'> {
  /** Origins kept at hand; more are kept only while calls to them are under way. */
  maxOrigins?: number
  /** Connections kept open; more are open only while calls are under way. */
  maxKept?: number
}

/** Enough to call so many targets in turn over connections that are open already. */
const mostKept = 10_000

/** The origins that are called now or were lately, so that millions of them cost no more than the busy ones. */
export class Origins {
  readonly #options: OriginOptions
  readonly #maxOrigins: number
  readonly #origins = new Map<string, Origin>()
  readonly #timer: NodeJS.Timeout

  constructor(options: OriginsOptions) {
    // Half of what there may be is for all else.
    const {maxOrigins = mostKept, maxKept = Math.min(mostKept, Math.floor(openFilesLimit() / 2))} = options
    this.#options = {...options, keeping: {open: 0, most: maxKept}}
    this.#maxOrigins = maxOrigins
    this.#timer = setInterval(() => this.sweep(), sweepEveryMs).unref()
  }

  get size(): number {
    return this.#origins.size
  }

  /** Throws for what is not an http(s) origin. */
  get(key: string): Origin {
    return this.#origins.get(key) ?? this.#add(key)
  }

  /** Drops the origins that were not called since the last sweep. */
  sweep(): void {
    for (const [key, origin] of this.#origins) {
      if (origin.isIdle && !origin.wasUsed) void this.#drop(key, origin)
      origin.wasUsed = false
    }
  }

  /** Ends the calls under way, then every connection. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    const origins = [...this.#origins]
    for (const delivery of origins.flatMap(([, origin]) => origin.deliveries())) delivery.abort()
    await Promise.all(origins.map(([key, origin]) => this.#drop(key, origin)))
  }

  #add(key: string): Origin {
    const origin = new Origin(key, this.#options)
    if (this.#origins.size >= this.#maxOrigins) this.#dropOldestIdle()
    this.#origins.set(key, origin)
    return origin
  }

  #dropOldestIdle(): void {
    for (const [key, origin] of this.#origins) if (origin.isIdle) return void this.#drop(key, origin)
  }

  #drop(key: string, origin: Origin): Promise<void> {
    this.#origins.delete(key)
    return origin.close()
  }
}
