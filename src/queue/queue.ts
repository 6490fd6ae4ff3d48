import type {TorqueError} from '../errors.js'
import {isReadable} from '../task/codec.js'
import type {NewTask, TaskState} from '../task/task.js'
import {type QueueContext, ask, batchLimit, inBatches} from './context.js'
import {type AddResult, add} from './scripts/add.js'
import {type ClaimOptions, type Claimed, claim} from './scripts/claim.js'
import {type Held, extend} from './scripts/extend.js'
import {readTasks} from './scripts/inspect.js'
import {deadBefore, purge} from './scripts/purge.js'
import {revive} from './scripts/revive.js'
import {type WatchOptions, watch} from './scripts/watch.js'
import {type SettleOptions, type Settlement, reclaim, settle} from './scripts/settle.js'

export type {AddResult} from './scripts/add.js'
export type {Claim, Claimed} from './scripts/claim.js'

/** The ids a bulk transition changed, and those it left alone because their state was none of those asked for. */
export interface BulkResult {
  changed: string[]
  skipped: string[]
}

/** A queue's name is made known again this often, so that a Redis that lost its data learns it anew. */
const announceEveryMs = 10_000

/** One queue in Redis: a method per transition, each batch one atomic step. Every method throws only `TorqueError`. */
export class Queue {
  readonly name: string
  readonly #context: QueueContext
  readonly #queuesKey: string
  #announcedAt = -Infinity

  constructor(context: QueueContext, {queuesKey}: {queuesKey: string}) {
    this.name = context.name
    this.#context = context
    this.#queuesKey = queuesKey
  }

  /**
   * Adds tasks; a result, or a conflict, for each in order. Adding one twice, by its id, changes nothing. Up to 500 are one step;
   * of more, those before a batch that fails are in.
   */
  async add(tasks: readonly NewTask[]): Promise<(AddResult | TorqueError)[]> {
    await this.#announce()
    return inBatches(tasks, (batch) => add(this.#context, batch))
  }

  /** Begins an attempt on due tasks. */
  claim(options: ClaimOptions): Promise<Claimed> {
    return claim(this.#context, options)
  }

  /** Notes that leases are looked after; resolves to whether those that ran out may be taken back. */
  watch(options: WatchOptions): Promise<boolean> {
    return watch(this.#context, options)
  }

  /** Prolongs leases; resolves to the attempts that were lost. */
  extend<Item extends Held>(held: readonly Item[], leaseMs: number): Promise<Item[]> {
    return inBatches(held, (batch) => extend(this.#context, batch, leaseMs))
  }

  /** Writes verdicts; resolves to those that came too late and changed nothing. */
  settle<Item extends Settlement>(items: readonly Item[], options: SettleOptions): Promise<Item[]> {
    return inBatches(items, (batch) => settle(this.#context, batch, options))
  }

  /** Takes back tasks whose lease ran out. */
  reclaim<Item extends Settlement>(items: readonly Item[]): Promise<Item[]> {
    return inBatches(items, (batch) => reclaim(this.#context, batch))
  }

  /** Gives dead and retrying tasks a new set of attempts, due now; makes scheduled ones due now. A corrupt one is skipped. */
  revive(ids: readonly string[], {states}: {states: readonly TaskState[]}): Promise<BulkResult> {
    return this.#change(ids, async (batch) => {
      const tasks = await readTasks(this.#context, batch)
      return revive(this.#context, tasks.filter(isReadable), states)
    })
  }

  /** Deletes tasks. The call of an active one goes on; its settle finds nothing. */
  purge(ids: readonly string[], {states}: {states: readonly TaskState[]}): Promise<BulkResult> {
    return this.#change(ids, async (batch) => purge(this.#context, await readTasks(this.#context, batch), states))
  }

  /** Purges dead tasks that died longer than `keepMs` ago, a batch at most. Resolves to whether there may be more. */
  async pruneDead(keepMs: number): Promise<boolean> {
    const {changed} = await this.purge(await deadBefore(this.#context, keepMs), {states: ['dead']})
    return changed.length === batchLimit
  }

  async #change(ids: readonly string[], run: (batch: readonly string[]) => Promise<string[]>): Promise<BulkResult> {
    const changed = await inBatches(ids, run)
    const done = new Set(changed)
    return {changed, skipped: ids.filter((id) => !done.has(id))}
  }

  /** Before the first task, so that no task stands in a queue that nobody knows of. */
  async #announce(): Promise<void> {
    if (performance.now() - this.#announcedAt < announceEveryMs) return
    await ask(() => this.#context.redis.sadd(this.#queuesKey, this.name))
    this.#announcedAt = performance.now()
  }
}
