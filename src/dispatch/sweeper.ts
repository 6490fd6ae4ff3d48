import type {Logger} from '../log.js'
import {allDone} from './all-done.js'
import {isAway} from './outage.js'

export interface SweeperOptions {
  everyMs: number
  log: Logger
  /** Learns of queues that have come to be. Resolves to the names of all. */
  learn: () => Promise<readonly string[]>
  extend: () => Promise<void>
  /** Drops a queue's dead tasks that are old enough. Absent: they stay. */
  prune: ((queue: string) => Promise<void>) | undefined
  /** Redis is away: the dispatcher looks after its return. */
  isAway: () => boolean
  /** Told what Redis threw that is away. */
  away: (error: unknown) => void
}

/** Once in so many sweeps, new queues are learnt of, which wake-ups tell of already, and dead tasks are pruned. */
const seldom = 10

/** What is done by the clock: extend leases, learn of new queues, prune dead tasks. */
export class Sweeper {
  readonly #options: SweeperOptions
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  #sweeps = 0

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
    const {away, extend, learn, prune, log} = this.#options
    if (this.#options.isAway()) return
    try {
      await extend()
      this.#sweeps += 1
      if (this.#sweeps % seldom !== 1) return
      const names = await learn()
      if (prune) await allDone(names.map((name) => prune(name)))
    } catch (error) {
      if (isAway(error)) away(error)
      else log.error({err: error}, 'a sweep failed and is made again')
    }
  }
}
