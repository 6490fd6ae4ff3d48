import type {Logger} from '../log.js'
import {isAway} from './outage.js'

export interface SweeperOptions {
  everyMs: number
  log: Logger
  /** Learns of queues that have come to be. Resolves to the names of all. */
  learn: () => Promise<readonly string[]>
  extend: () => Promise<void>
  /** Drops a batch of a queue's dead tasks that are old enough; resolves to whether there may be more. Absent: they stay. */
  prune: ((queue: string) => Promise<boolean>) | undefined
  /** Redis is away: the dispatcher looks after its return. */
  isAway: () => boolean
  /** Told what Redis threw that is away. */
  away: (error: unknown) => void
}

/** Once in so many sweeps, new queues are learnt of, which wake-ups tell of already, and dead tasks are pruned. */
const seldom = 10
/** Most full batches pruned in one sweep: leases wait for its end. */
const batchesPerSweep = 10

/** What is done by the clock: extend leases, learn of new queues, prune dead tasks. */
export class Sweeper {
  readonly #options: SweeperOptions
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #sweeps = 0
  /** Queues that may have dead tasks to prune. */
  readonly #unpruned = new Set<string>()

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#sweeping ??= this.sweep().finally(() => (this.#sweeping = undefined))
    }, this.#options.everyMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweeping
  }

  /** One sweep. Never throws: what fails is done by the next one. */
  async sweep(): Promise<void> {
    const {away, extend, learn, log} = this.#options
    if (this.#options.isAway()) return
    try {
      await extend()
      this.#sweeps += 1
      if (this.#sweeps % seldom === 1) for (const name of await learn()) this.#unpruned.add(name)
      await this.#prune()
    } catch (error) {
      if (isAway(error)) away(error)
      else log.error({err: error}, 'a sweep failed and is made again')
    }
  }

  async #prune(): Promise<void> {
    const {prune} = this.#options
    let batches = 0
    for (const name of this.#unpruned) {
      if (batches >= batchesPerSweep) return
      this.#unpruned.delete(name)
      if (!(await prune?.(name))) continue
      // Behind the others, so that they have their turn.
      this.#unpruned.add(name)
      batches += 1
    }
  }
}
