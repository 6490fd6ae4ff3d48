import type {Pause, QueueSettings} from '../task/queue-settings.js'
import {type QueueContext, ask, batchLimit} from './context.js'
import {laneNames} from './lane-names.js'
import {type Counts, count} from './scripts/count.js'
import {type LaneState, type LanesState, readLanes} from './scripts/lanes.js'

export type {LaneState, Trouble} from './scripts/lanes.js'

/** A queue as `torque queues` shows it. */
export interface QueueReport {
  name: string
  settings: QueueSettings
  pause: Pause | undefined
  counts: Counts
  /** When its rate lets the next task start, ms since the epoch; null: now. */
  nextTokenAt: number | null
  /** How many lanes are set aside since their targets are in trouble. */
  lanesSetAside: number
}

/** What may stand in the way of one task's next attempt, beside its due time. Instants are ms since the epoch. */
export interface Obstacles {
  /** The time of Redis, which all of it is by. */
  now: number
  pause: Pause | undefined
  /** When the queue's rate lets the next task start; null: now. */
  nextTokenAt: number | null
  /** Active tasks of the queue, and how many there may be; null: any number. */
  active: number
  concurrency: number | null
  /** Its lane, and how many active tasks that may have; null: any number, or what `--lane-concurrency` says. */
  lane: LaneState
  laneConcurrency: number | null
}

/** A lane as long as this may be full in Redis: what claim gives it for a hint. */
const fullHint = '9000000000000000'

export interface LimitsInspectorOptions {
  queueNames: () => Promise<string[]>
  context: (queue: string) => QueueContext
}

/** The read side of limits: what is set, and what it holds back just now. Throws only `TorqueError`. */
export class LimitsInspector {
  readonly #options: LimitsInspectorOptions

  constructor(options: LimitsInspectorOptions) {
    this.#options = options
  }

  /** All queues, or the one that is named. */
  queues(queue?: string): Promise<QueueReport[]> {
    return this.#each(queue, (context) => this.#report(context))
  }

  /** The lanes of a queue, or of all, that something holds back: their targets' trouble, their rate, or that they are full. */
  async lanes(queue?: string): Promise<(LaneState & {queue: string})[]> {
    const lanes = await this.#each(queue, async (context) => {
      const found = await this.#read(context, await heldLanes(context))
      return found.map((lane) => ({...lane, queue: context.name}))
    })
    return lanes.flat()
  }

  /** Everything, beside its due time, that may keep a task of this lane from being called. */
  obstacles(queue: string, flowKey: string): Promise<Obstacles> {
    return ask(async () => {
      const {now, settings, pause, nextTokenAt, active, lanes} = await readLanes(this.#options.context(queue), [flowKey])
      const {concurrency = null, laneConcurrency = null} = settings
      return {now, pause, nextTokenAt, active, concurrency, lane: lanes[0]!, laneConcurrency}
    })
  }

  /** The settings of these queues, by name. */
  async settings(queues: readonly string[]): Promise<Map<string, QueueSettings>> {
    const states = await ask(() => Promise.all(queues.map((name) => readLanes(this.#options.context(name), []))))
    return new Map(states.map(({settings}, index) => [queues[index]!, settings]))
  }

  #each<Result>(queue: string | undefined, read: (context: QueueContext) => Promise<Result>): Promise<Result[]> {
    return ask(async () => {
      const names = queue === undefined ? await this.#options.queueNames() : [queue]
      return Promise.all(names.map((name) => read(this.#options.context(name))))
    })
  }

  async #report(context: QueueContext): Promise<QueueReport> {
    const [{settings, pause, nextTokenAt}, counts, troubled] = await Promise.all([
      readLanes(context, []),
      laneNames(context).then((names) => count(context, names)),
      context.redis.hkeys(context.keys.laneCool).then((names) => this.#read(context, names)),
    ])
    const lanesSetAside = troubled.filter(({trouble}) => trouble?.setAsideUntil).length
    return {name: context.name, settings, pause, counts, nextTokenAt, lanesSetAside}
  }

  /** In steps of 500: those that something holds back. */
  async #read(context: QueueContext, names: readonly string[]): Promise<LaneState[]> {
    const found: LaneState[] = []
    for (let from = 0; from < names.length; from += batchLimit) {
      const state = await readLanes(context, names.slice(from, from + batchLimit))
      found.push(...state.lanes.filter((lane) => isHeld(lane, state)))
    }
    return found
  }
}

/** Those that may be held back: in trouble, with a bucket that is not full, or full at the last look. */
async function heldLanes({redis, keys}: QueueContext): Promise<string[]> {
  const [troubled, rated, full] = await Promise.all([
    redis.hkeys(keys.laneCool),
    redis.zrange(keys.rates, '0', '-1'),
    redis.zrangebyscore(keys.lanes, fullHint, '+inf'),
  ])
  return [...new Set([...troubled, ...rated, ...full])].filter((name) => name !== '').toSorted()
}

function isHeld({trouble, nextTokenAt, active}: LaneState, {settings}: LanesState): boolean {
  const {laneConcurrency = Infinity} = settings
  return trouble !== null || nextTokenAt !== null || active >= laneConcurrency
}
