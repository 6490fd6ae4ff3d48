import {setTimeout as wait} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import type {TaskState} from '../task/task.js'
import type {BulkResult, Mend} from './queue.js'
import type {Batch, Selection} from './selection.js'
import type {Store} from './store.js'

export type BulkVerb = 'retry' | 'purge'

export interface BulkOptions {
  /** Aborted: end after the batch in flight. */
  signal?: AbortSignal | undefined
  /** After each batch, with the counts so far. */
  onBatch?: ((counts: BulkCounts) => void) | undefined
  /** At most so many tasks a second, so that what is revived is no stampede. */
  perSecond?: number | undefined
  /** What to change of each task that is revived. */
  mend?: Mend | undefined
}

export interface BulkCounts {
  matched: number
  changed: number
  skipped: number
  failed: number
}

export interface BulkOutcome extends BulkCounts {
  /** It was ended before its time; what was done stays done. */
  interrupted: boolean
  /** Why it could not go on; the batch that met it counts as failed. */
  error: TorqueError | null
}

/** How many tasks one script call changes: enough to be fast, few enough not to hold up anybody else. */
const batchSize = 500

/** With a rate, a batch holds what may be changed in this time. */
const paceMs = 250

/** What may be revived: dead tasks, and waiting ones, which become due now. */
const revivable: readonly TaskState[] = ['dead', 'retrying', 'scheduled']

/**
 * Revives or purges the tasks of a frozen selection, batch by batch. One whose state is no longer the one that it was selected in
 * is skipped. Never throws for what Redis does: see `error`.
 */
export async function runBulk(
  store: Store,
  verb: BulkVerb,
  selection: Selection,
  options: BulkOptions = {},
): Promise<BulkOutcome> {
  const {signal, onBatch, perSecond = Infinity, mend} = options
  const outcome: BulkOutcome = {matched: selection.size, changed: 0, skipped: 0, failed: 0, interrupted: false, error: null}
  const pace = new Pace(perSecond)
  for (const batch of selection.batches(Math.max(1, Math.min(batchSize, Math.ceil((perSecond * paceMs) / 1000))))) {
    await pace.next(batch.ids.length, signal)
    if (signal?.aborted) return {...outcome, interrupted: true}
    try {
      const {changed, skipped, failed = []} = await change(store, verb, batch, mend)
      outcome.changed += changed.length
      outcome.skipped += skipped.length
      outcome.failed += failed.length
    } catch (error) {
      if (!(error instanceof TorqueError)) throw error
      return {...outcome, failed: outcome.failed + batch.ids.length, error}
    }
    onBatch?.(outcome)
  }
  return outcome
}

function change(store: Store, verb: BulkVerb, {queue: name, ids, states}: Batch, mend: Mend | undefined): Promise<BulkResult> {
  const queue = store.queue(name)
  if (verb === 'purge') return queue.purge(ids, {states})
  return queue.revive(ids, {states: states.filter((state) => revivable.includes(state)), mend})
}

/** Lets batches through at a rate, each after what those before it may take. */
class Pace {
  readonly #perSecond: number
  readonly #startedAt = performance.now()
  #let = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Ends early when the signal is aborted. */
  async next(count: number, signal: AbortSignal | undefined): Promise<void> {
    const dueMs = this.#startedAt + (this.#let / this.#perSecond) * 1000 - performance.now()
    this.#let += count
    if (dueMs > 0) await wait(dueMs, undefined, {signal}).catch(() => {})
  }
}
