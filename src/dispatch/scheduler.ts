import {setImmediate as turn} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'
import type {DueSchedule, Schedules} from '../queue/schedules.js'
import {tickAt} from '../task/schedule.js'

export interface SchedulerOptions {
  /** The queues whose schedules are looked after here. */
  queues: () => Promise<readonly string[]>
  schedules: (queue: string) => Schedules
  /** Told when a task was added to a queue. */
  added: (queue: string) => void
  log: Logger
}

/** Looked for at least this often, in ms: the net under a wake-up that was missed, and under timers, which end at 2^31 ms. */
const pollMs = 10_000

/** After a look that failed, the next one comes within this time: the dispatcher says what is wrong with Redis. */
const againMs = 1_000

/** Adds the tasks of schedules when their ticks come. Several may do so at once: of each tick one adds the task. */
export class Scheduler {
  readonly #options: SchedulerOptions
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #lookAgain = false
  #stopped = false

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Looks now, and from then on whenever a tick comes. Also for when schedules have changed. */
  wake(): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#lookAgain = true
    this.#looking ??= this.#look()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    let waitMs = 0
    while (!this.#stopped && (this.#lookAgain || waitMs === 0)) {
      this.#lookAgain = false
      waitMs = await this.#tickAll()
      // A schedule that makes up for a long absence must not hold up everything else.
      await turn()
    }
    // In one go: a wake-up in between would take the timer away and have nobody look.
    this.#looking = undefined
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), waitMs)
  }

  /** Does what is due in all queues; resolves to how long, in ms, until the next tick. */
  async #tickAll(): Promise<number> {
    try {
      const waits = await Promise.all((await this.#options.queues()).map((queue) => this.#tickQueue(queue)))
      return Math.min(pollMs, ...waits)
    } catch (error) {
      if (!(error instanceof TorqueError)) throw error
      return againMs * (0.5 + Math.random() / 2)
    }
  }

  async #tickQueue(queue: string): Promise<number> {
    const schedules = this.#options.schedules(queue)
    const {now, due, nextAt} = await schedules.due()
    let done = 0
    for (const each of due) if (await this.#tick(schedules, each, now)) done += 1
    // The next look finds what comes after these. Where none could be done, another has done them, or they have to wait.
    if (due.length > 0) return done > 0 ? 0 : againMs
    return nextAt === null ? pollMs : Math.ceil(nextAt - now)
  }

  /** True: it was done here. */
  async #tick(schedules: Schedules, due: DueSchedule, now: number): Promise<boolean> {
    const {name, queue} = due.schedule
    try {
      const outcome = await schedules.tick(due, tickAt(due.schedule, due.due, now))
      if (outcome === 'added') this.#options.added(queue)
      if (outcome === 'skipped') this.#options.log.info({schedule: name, queue}, 'a tick was skipped')
      return outcome === 'added' || outcome === 'skipped'
    } catch (error) {
      if (!(error instanceof TorqueError) || error.status === 503) throw error
      // One schedule whose task can no longer be made does not stop the others.
      this.#options.log.warn({err: error, schedule: name, queue}, 'a tick could not be done')
      return false
    }
  }
}
