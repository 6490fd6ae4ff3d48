import {encodeTask} from '../../src/task/codec.js'
import type {NewTask, TaskState} from '../../src/task/task.js'
import type {Settlement} from '../../src/queue/scripts/settle.js'

export interface ModelTask {
  task: NewTask
  /** The due time, when it is neither active nor ended. */
  due: number | null
  /** Waiting after an error. */
  failed: boolean
  active: {attempt: number; leaseEnd: number} | null
  ended: {state: 'dead' | 'delivered'; at: number} | null
  run: {attempts: number; errors: number; lostLeases: number}
}

interface Entry {
  id: string
  fingerprint: string
  state: string
}

export interface ModelAnswer {
  outcome: 'new' | 'duplicate' | 'conflict'
  id: string
}

/** What a queue should be, as a plain map: no lanes, no scores, no scripts. */
export class QueueModel {
  readonly tasks = new Map<string, ModelTask>()
  /** The attempt of each task that was purged while active, and whose settle has not come. */
  readonly tombstones = new Map<string, number>()
  readonly entries = new Map<string, Entry>()
  readonly counters = {addedTotal: 0, deliveredTotal: 0, deadTotal: 0, errorsTotal: 0, lostLeasesTotal: 0}
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  stateOf({due, failed, active, ended}: ModelTask): TaskState {
    if (ended) return ended.state
    if (active) return 'active'
    if (failed) return 'retrying'
    return due !== null && due <= this.#now() ? 'ready' : 'scheduled'
  }

  /** The waiting tasks of a lane, in the order in which they are to start. */
  waiting(lane: string): ModelTask[] {
    const inLane = [...this.tasks.values()].filter(({task, due}) => task.flowKey === lane && due !== null)
    return inLane.toSorted((one, other) => one.due! - other.due! || (one.task.id < other.task.id ? -1 : 1))
  }

  activeIn(lane: string): number {
    return [...this.tasks.values()].filter(({task, active}) => task.flowKey === lane && active).length
  }

  add(task: NewTask): ModelAnswer {
    const known = task.dedupKeys.flatMap((key) => this.entries.get(key) ?? [])
    const other = known.find(({fingerprint}) => fingerprint !== task.fingerprint)
    if (other) return {outcome: 'conflict', id: other.id}
    if (known[0]) return {outcome: 'duplicate', id: known[0].id}
    const stored = this.tasks.get(task.id)
    if (stored) return {outcome: encodeTask(stored.task) === encodeTask(task) ? 'duplicate' : 'conflict', id: task.id}
    const due = 'at' in task.due ? task.due.at : this.#now() + task.due.delayMs
    const run = {attempts: this.tombstones.get(task.id) ?? 0, errors: 0, lostLeases: 0}
    this.tombstones.delete(task.id)
    this.tasks.set(task.id, {task, due, failed: false, active: null, ended: null, run})
    for (const key of task.dedupKeys) this.entries.set(key, {id: task.id, fingerprint: task.fingerprint, state: ''})
    this.counters.addedTotal++
    return {outcome: 'new', id: task.id}
  }

  claim(id: string, leaseMs: number): void {
    const task = this.tasks.get(id)!
    Object.assign(task, {due: null, failed: false, active: {attempt: task.run.attempts + 1, leaseEnd: this.#now() + leaseMs}})
  }

  /** False where the attempt no longer holds its lease. */
  extend(id: string, attempt: number, leaseMs: number): boolean {
    const active = this.#held(id, attempt)?.active
    if (active) active.leaseEnd = this.#now() + leaseMs
    return Boolean(active)
  }

  /** Those that came too late. */
  settle(items: readonly Settlement[], {keepDelivered, onlyLost}: {keepDelivered: number; onlyLost: boolean}): Settlement[] {
    const deliveredBefore = this.counters.deliveredTotal
    const late = items.filter((item) => !this.#settleOne(item, onlyLost))
    if (this.counters.deliveredTotal > deliveredBefore) this.#trim(keepDelivered)
    return late
  }

  revive(ids: readonly string[], states: readonly TaskState[]): string[] {
    return this.#change(
      ids,
      states.filter((state) => ['dead', 'retrying', 'scheduled'].includes(state)),
      (found) => {
        Object.assign(found, {due: this.#now(), failed: false, ended: null, run: {...found.run, errors: 0, lostLeases: 0}})
        this.#markEntries(found.task, '')
      },
    )
  }

  purge(ids: readonly string[], states: readonly TaskState[]): string[] {
    return this.#change(ids, states, ({task, active}) => {
      if (active) this.tombstones.set(task.id, active.attempt)
      for (const key of task.dedupKeys) if (this.entries.get(key)?.id === task.id) this.entries.delete(key)
      this.tasks.delete(task.id)
    })
  }

  #change(ids: readonly string[], states: readonly TaskState[], change: (task: ModelTask) => void): string[] {
    return ids.filter((id) => {
      const found = this.tasks.get(id)
      if (!found || !states.includes(this.stateOf(found))) return false
      change(found)
      return true
    })
  }

  #held(id: string, attempt: number): ModelTask | undefined {
    const found = this.tasks.get(id)
    return found?.active?.attempt === attempt ? found : undefined
  }

  #settleOne({task: {id}, attempt, verdict, dueAt}: Settlement, onlyLost: boolean): boolean {
    const found = this.#held(id, attempt)
    if (!found && !onlyLost && this.tombstones.get(id) === attempt) this.tombstones.delete(id)
    if (!found || (onlyLost && found.active!.leaseEnd > this.#now())) return false
    const {attempts, errors, lostLeases} = verdict.run
    Object.assign(found, {active: null, run: {attempts, errors, lostLeases}})
    if (verdict.op === 'complete') this.#end(found, 'delivered')
    else if (verdict.op === 'bury') this.#end(found, 'dead')
    else found.due = verdict.op === 'retry' ? this.#now() + verdict.waitMs : (dueAt ?? this.#now())
    found.failed = found.due !== null && errors > 0
    if (verdict.op === 'retry' || (verdict.op === 'bury' && !onlyLost)) this.counters.errorsTotal++
    if (onlyLost) this.counters.lostLeasesTotal++
    return true
  }

  #end(found: ModelTask, state: 'dead' | 'delivered'): void {
    found.ended = {state, at: this.#now()}
    this.counters[`${state}Total`]++
    this.#markEntries(found.task, state)
  }

  #markEntries({id, dedupKeys}: NewTask, state: string): void {
    for (const key of dedupKeys) {
      const entry = this.entries.get(key)
      if (entry?.id === id) entry.state = state
    }
  }

  #trim(keep: number): void {
    const delivered = [...this.tasks.values()].filter(({ended}) => ended?.state === 'delivered')
    const oldestFirst = delivered.toSorted(
      (one, other) => one.ended!.at - other.ended!.at || (one.task.id < other.task.id ? -1 : 1),
    )
    for (const {task} of oldestFirst.slice(0, Math.max(0, delivered.length - keep))) this.tasks.delete(task.id)
  }
}
