import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'
import type {OutcomeNote} from '../queue/outcome-channel.js'
import type {Queue} from '../queue/queue.js'
import {Tally} from '../queue/tallies.js'
import type {Pending} from './settler.js'

export interface OutcomesOptions {
  /** Adds to what `stats` tells of a queue's last hour. */
  write: (queue: Queue, tally: Tally) => Promise<void>
  /** Tells those who watch. */
  publish: (notes: readonly OutcomeNote[]) => Promise<void>
  log: Logger
}

/** What the attempts came to is added to the queues' tallies this often, in ms. */
const tallyEveryMs = 5_000

/** Who watches says so again within this time, in ms. */
const watchedForMs = 6_000

const names = {complete: 'delivered', retry: 'retrying', bury: 'dead'} as const

/** What attempts came to, once it is written: counted for `stats`, and told to those who watch. */
export class Outcomes {
  readonly #options: OutcomesOptions
  readonly #tallies = new Map<Queue, Tally>()
  #timer: NodeJS.Timeout | undefined
  #watchedUntil = -Infinity

  constructor(options: OutcomesOptions) {
    this.#options = options
  }

  /** Somebody watches: for a while, outcomes are told. */
  watched(): void {
    this.#watchedUntil = performance.now() + watchedForMs
  }

  /** Takes note of verdicts that have been written. */
  note(settled: readonly Pending[]): void {
    const isWatched = performance.now() < this.#watchedUntil
    const notes: OutcomeNote[] = []
    for (const pending of settled) {
      const {op, run} = pending.verdict
      const ended = run.history.at(-1)
      // What was given back came to nothing.
      if (op === 'release' || !ended) continue
      const {queue, startedAt, claim} = pending.flight
      const {durationMs, status, error} = ended
      const tallied = {outcome: names[op], waitMs: startedAt - claim.dueAt, durationMs: durationMs ?? 0}
      this.#tallyOf(queue).add(tallied)
      if (!isWatched) continue
      const {id, url, flowKey} = claim.task
      const at = startedAt + tallied.durationMs
      notes.push({queue: queue.name, id, url, flowKey, attempt: claim.attempt, status, error, at, ...tallied})
    }
    if (notes.length > 0) this.#publish(notes)
  }

  /** Writes what has been counted. A count whose answer never came is not sent again: it would count twice. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const tallies = [...this.#tallies]
    this.#tallies.clear()
    await Promise.all(
      tallies.map(([queue, tally]) => this.#options.write(queue, tally).catch((error: unknown) => this.#lost(error))),
    )
  }

  #tallyOf(queue: Queue): Tally {
    let tally = this.#tallies.get(queue)
    if (!tally) {
      tally = new Tally()
      this.#tallies.set(queue, tally)
      this.#timer ??= setTimeout(() => void this.flush(), tallyEveryMs)
    }
    return tally
  }

  #publish(notes: readonly OutcomeNote[]): void {
    this.#options.publish(notes).catch((error: unknown) => this.#lost(error))
  }

  /** Figures for people: what Redis does not take is not worth a task's time. */
  #lost(error: unknown): void {
    if (!(error instanceof TorqueError)) throw error
    this.#options.log.debug({err: error}, 'outcomes were not counted or told')
  }
}
