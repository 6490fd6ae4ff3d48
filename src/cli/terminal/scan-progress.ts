import type {Store} from '../../queue/store.js'
import {type Filter, looksInside} from '../../task/filter.js'
import {taskStates} from '../../task/task.js'
import {Progress} from './progress.js'

export interface ScanProgressOptions {
  queue: string | undefined
  filter: Filter
  enabled: boolean
  /** Every task is read, also where its state alone says that it is meant. */
  always?: boolean
}

/** Says on a terminal's stderr how far a look through the tasks is, where it takes a look inside to tell which are meant. */
export class ScanProgress {
  readonly #progress: Progress
  readonly #total: number

  private constructor(progress: Progress, total: number) {
    this.#progress = progress
    this.#total = total
  }

  /** Counts the tasks first, where anybody will see. */
  static async start(store: Store, {queue, filter, enabled, always = false}: ScanProgressOptions): Promise<ScanProgress> {
    const progress = new Progress(process.stderr, {enabled: enabled && (always || looksInside(filter))})
    if (!progress.isShown) return new ScanProgress(progress, 0)
    const {totals} = await store.inspector.stats({queue})
    return new ScanProgress(
      progress,
      (filter.states ?? taskStates).reduce((sum, state) => sum + totals[state], 0),
    )
  }

  readonly update = (scanned: number, found: number): void => {
    const total = Math.max(scanned, this.#total)
    this.#progress.update(
      `looked at ${scanned} of ${total} (${Math.floor((100 * scanned) / Math.max(1, total))}%), found ${found}`,
    )
  }

  /** The values as they come, each with the line out of its way. */
  async *over<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value> {
    for await (const value of values) {
      this.#progress.clear()
      yield value
    }
    this.end()
  }

  end(): void {
    this.#progress.end()
  }
}
