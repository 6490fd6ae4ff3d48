import {TorqueError} from '../errors.js'
import {isReadable, readTask, unreadableTask} from '../task/codec.js'
import type {PortableTask} from '../task/portable-task.js'
import type {NewTask, Task, TaskState} from '../task/task.js'
import type {SettingsChange} from '../task/queue-settings.js'
import {type QueueContext, ask, batchLimit, inBatches} from './context.js'
import {type AddResult, add} from './scripts/add.js'
import {type ClaimOptions, type Claimed, claim} from './scripts/claim.js'
import {type Held, extend} from './scripts/extend.js'
import {type ImportOutcome, importTasks} from './scripts/import.js'
import {peek} from './scripts/peek.js'
import {deadBefore, purge} from './scripts/purge.js'
import {remember} from './scripts/remember.js'
import {type PauseOptions, type QueueState, configure, pause, resume} from './scripts/configure.js'
import {reset} from './scripts/reset.js'
import {type Revived, revive} from './scripts/revive.js'
import {type WatchOptions, watch} from './scripts/watch.js'
import {type SettleOptions, type Settlement, reclaim, settle} from './scripts/settle.js'

export type {AddResult} from './scripts/add.js'
export type {Claim, ClaimOptions, Claimed} from './scripts/claim.js'

/** What to make of a task that is revived. Throws a `TorqueError` where it would be none that may be. */
export type Mend = (task: Task) => Task

/** What a bulk transition did, by id. */
export interface BulkResult {
  changed: string[]
  /** Left alone, because their state was none of those asked for. */
  skipped: string[]
  /** Left alone, because they would have become tasks that may not be; absent where there are none. */
  failed?: string[]
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

  /** Has tasks that were added without an answer, and without a key, found by their ids for a day. */
  async remember(ids: readonly string[]): Promise<void> {
    await inBatches(ids, async (batch) => [await remember(this.#context, batch)])
  }

  /** Puts tasks where they stood, as a file has it; what became of each, in order. Up to 500 are one step. */
  async import(tasks: readonly PortableTask[]): Promise<ImportOutcome[]> {
    await this.#announce()
    return inBatches(tasks, (batch) => importTasks(this.#context, batch))
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

  /**
   * Gives dead and retrying tasks a new set of attempts, due now; makes scheduled ones due now. A corrupt one is skipped. With
   * `mend` each is changed in the same step; one that cannot be is left alone, and named.
   */
  revive(ids: readonly string[], {states, mend}: {states: readonly TaskState[]; mend?: Mend | undefined}): Promise<BulkResult> {
    return this.#change(ids, async (tasks) => {
      const failed: string[] = []
      const items = tasks.flatMap(({task, stored}): Revived[] => {
        if (!isReadable(task)) return []
        if (!mend) return [{task}]
        const mended = tryMend(task, mend)
        if (!mended) failed.push(task.id)
        return mended ? [{task, mended: {task: mended, stored}}] : []
      })
      return {changed: await revive(this.#context, items, states), failed}
    })
  }

  /** Deletes tasks. The call of an active one goes on; its settle finds nothing. */
  purge(ids: readonly string[], {states}: {states: readonly TaskState[]}): Promise<BulkResult> {
    return this.#change(ids, async (tasks) => {
      const read = tasks.map(({task}) => task)
      return {changed: await purge(this.#context, read, states)}
    })
  }

  /** Purges dead tasks that died longer than `keepMs` ago, a batch at most. Resolves to whether there may be more. */
  async pruneDead(keepMs: number): Promise<boolean> {
    const {changed} = await this.purge(await deadBefore(this.#context, keepMs), {states: ['dead']})
    return changed.length === batchLimit
  }

  /** Sets some settings, and takes away those that are null. It makes the queue known. */
  async configure(change: SettingsChange): Promise<QueueState> {
    await this.#announce()
    return configure(this.#context, change)
  }

  /** Has nothing more claimed; tasks may be added. */
  pause(options: PauseOptions = {}): Promise<QueueState> {
    return pause(this.#context, options)
  }

  resume(): Promise<QueueState> {
    return resume(this.#context)
  }

  /** Forgets the trouble of lanes; resolves to those that were in any. */
  resetLanes(lanes: readonly string[]): Promise<string[]> {
    return inBatches(lanes, (batch) => reset(this.#context, batch))
  }

  /** Reads the tasks in parts that can be held, however large they are, and changes each part. */
  async #change(
    ids: readonly string[],
    run: (tasks: {task: Task; stored: string}[]) => Promise<{changed: string[]; failed?: string[]}>,
  ): Promise<BulkResult> {
    const [changed, failed]: [string[], string[]] = [[], []]
    for (let from = 0; from < ids.length;) {
      const some = ids.slice(from, from + batchLimit)
      const peeked = await peek(this.#context, some, {tasks: true, runs: false})
      const tasks = peeked.flatMap(({task: stored}, index) =>
        stored === null ? [] : [{task: taskOf(some[index]!, stored), stored}],
      )
      const outcome = await run(tasks)
      changed.push(...outcome.changed)
      failed.push(...(outcome.failed ?? []))
      from += peeked.length
    }
    const done = new Set([...changed, ...failed])
    return {changed, skipped: ids.filter((id) => !done.has(id)), ...(failed.length > 0 && {failed})}
  }

  /** Before the first task, so that no task stands in a queue that nobody knows of. */
  async #announce(): Promise<void> {
    if (performance.now() - this.#announcedAt < announceEveryMs) return
    await ask(() => this.#writeName())
    this.#announcedAt = performance.now()
  }

  async #writeName(): Promise<void> {
    const {redis, ackReplicas = 0} = this.#context
    const {stream} = redis.serverOf?.(this.#queuesKey) ?? redis
    await redis.sadd(this.#queuesKey, this.name)
    // A master that takes over knows of the task, and must know where to look for it.
    if (ackReplicas === 0) return
    const {awaitReplicas} = await import('./replicas.js')
    await awaitReplicas(redis, {socket: stream}, ackReplicas)
  }
}

function taskOf(id: string, stored: string): Task {
  return readTask(id, stored) ?? unreadableTask(id, stored)
}

/** Undefined where the task would be none that may be added. */
function tryMend(task: Task, mend: Mend): Task | undefined {
  try {
    return mend(task)
  } catch (error) {
    if (error instanceof TorqueError) return undefined
    throw error
  }
}
