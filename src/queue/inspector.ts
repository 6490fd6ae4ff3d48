import {TorqueError} from '../errors.js'
import {type Filter, looksInside} from '../task/filter.js'
import type {Limits} from '../task/limits.js'
import type {Task, TaskRecord, TaskState} from '../task/task.js'
import {type QueueContext, ask, inBatches} from './context.js'
import {laneNames} from './lane-names.js'
import {type Page, readPage} from './listing/read-page.js'
import {type Counts, count} from './scripts/count.js'
import {inspect} from './scripts/inspect.js'
import {Sieve, type Sifted} from './listing/sieve.js'
import {Walk} from './listing/walk.js'

export type {Counts} from './scripts/count.js'

export type {Page} from './listing/read-page.js'

export interface PageOptions {
  /** Absent: every queue. */
  queue?: string | undefined
  /** Absent: those of the filter, or all six. Always walked in the order of `taskStates`. */
  states?: readonly TaskState[] | undefined
  /** Absent: every task. */
  filter?: Filter | undefined
  /** 1 to 1000. */
  limit: number
  /** Where the last page ended, as it was given out. */
  cursor?: string | undefined
  /** Most tasks to go over for one page, about; absent: as many as it takes. */
  mostScanned?: number | undefined
}

export interface SelectOptions extends Pick<PageOptions, 'queue'> {
  filter: Filter
  ages?: boolean | undefined
}

/** One step of a selection. */
export interface SelectStep {
  /** How many tasks were gone over. */
  scanned: number
  /** Those that are meant. */
  places: Sifted[]
}

export interface Stats {
  totals: Counts
  queues: (Counts & {name: string})[]
}

export interface InspectorOptions {
  queueNames: () => Promise<string[]>
  context: (queue: string) => QueueContext
  limits: () => Promise<Limits>
}

/** How many tasks a selection goes over in one step. */
const selectSize = 1000

/** How many places are looked up at a time where many will be gone over: some milliseconds of Redis. */
const lookAhead = 2500

/** The read side: what is in the queues, changing nothing. Throws only `TorqueError`. */
export class Inspector {
  readonly #options: InspectorOptions

  constructor(options: InspectorOptions) {
    this.#options = options
  }

  /** The tasks of these ids that exist, in the order given; where several queues hold an id, one from each. */
  find(ids: readonly string[], {queue}: {queue?: string | undefined} = {}): Promise<TaskRecord[]> {
    return ask(async () => {
      const found = await Promise.all((await this.#queues(queue)).map((name) => this.#inspect(name, ids)))
      const order = new Map(ids.map((id, index) => [id, index]))
      return found.flat().toSorted((left, right) => (order.get(left.task.id) ?? 0) - (order.get(right.task.id) ?? 0))
    })
  }

  /**
   * A page of tasks, shorter than `limit` where they are large, or where few are meant of those that it may go over. Following the
   * cursors to their end shows each task that stays, and matches, exactly once.
   */
  page({queue, states, filter = {}, limit, cursor, mostScanned = Infinity}: PageOptions): Promise<Page> {
    return ask(async () => {
      // A page of nothing has no end to go on from.
      if (!(limit >= 1)) throw new TorqueError('invalid_limit', `a page holds at least one task, not ${limit}`, {field: 'limit'})
      const meant = states ? {...filter, states} : filter
      const ahead = looksInside(meant) ? Math.min(mostScanned, lookAhead) : 0
      const walk = new Walk({contexts: await this.#contexts(queue), filter: meant, cursor, ahead})
      return readPage(walk, {filter: meant, context: this.#options.context, limit, mostScanned})
    })
  }

  /**
   * The tasks that a filter means, without what they are: a step at a time, some of them empty. Reads as little as it takes; how old
   * tasks are that have not ended is told where `ages` says so. One that moves meanwhile may come twice.
   */
  async *select({queue, filter, ages}: SelectOptions): AsyncGenerator<SelectStep> {
    const walk = new Walk({contexts: await this.#contexts(queue), filter, ahead: lookAhead})
    const sieve = new Sieve({filter, context: this.#options.context, ages})
    for (;;) {
      const found = await ask(() => walk.next(selectSize))
      if (found.length === 0) return
      yield {scanned: found.length, places: await ask(() => sieve.sift(found))}
    }
  }

  /** What the dedup entries of tasks of one queue say of the requests that they were; none for a task that has no entry any more. */
  async fingerprints(queue: string, tasks: readonly Task[]): Promise<Map<string, string>> {
    const {redis, keys} = this.#options.context(queue)
    const named = tasks.flatMap(({id, dedupKeys}) => dedupKeys.map((key) => ({id, key})))
    const wanted = named.filter(({key}) => /^[ik]:/.test(key)).map(({id, key}) => ({id, key: keys.dedup(key)}))
    if (wanted.length === 0) return new Map()
    const entries = await ask(() => redis.mget(wanted.map(({key}) => key)))
    return new Map(
      wanted.flatMap(({id}, index): [string, string][] => {
        const [owner, fingerprint] = entries[index]?.split('\t') ?? []
        return owner === id && fingerprint ? [[id, fingerprint]] : []
      }),
    )
  }

  /** Counts by state, in all and by queue. */
  stats({queue}: {queue?: string | undefined} = {}): Promise<Stats> {
    return ask(async () => {
      const names = await this.#queues(queue)
      const queues = await Promise.all(names.map(async (name) => ({name, ...(await this.#count(name))})))
      return {totals: total(queues), queues}
    })
  }

  /** What holds for a task that does not say: the flags of a live `serve`, or the defaults. */
  limits(): Promise<Limits> {
    return ask(() => this.#options.limits())
  }

  async #queues(queue: string | undefined): Promise<string[]> {
    return queue === undefined ? this.#options.queueNames() : [queue]
  }

  async #contexts(queue: string | undefined): Promise<QueueContext[]> {
    return (await ask(() => this.#queues(queue))).map((name) => this.#options.context(name))
  }

  #inspect(queue: string, ids: readonly string[]): Promise<TaskRecord[]> {
    return inBatches(ids, (batch) => inspect(this.#options.context(queue), batch))
  }

  async #count(queue: string): Promise<Counts> {
    const context = this.#options.context(queue)
    return count(context, await laneNames(context))
  }
}

function total(queues: readonly Counts[]): Counts {
  const sum = (name: Exclude<keyof Counts, 'oldestDueAt'>) => queues.reduce((all, queue) => all + queue[name], 0)
  const due = queues.flatMap(({oldestDueAt}) => oldestDueAt ?? [])
  return {
    active: sum('active'),
    retrying: sum('retrying'),
    ready: sum('ready'),
    scheduled: sum('scheduled'),
    dead: sum('dead'),
    delivered: sum('delivered'),
    addedTotal: sum('addedTotal'),
    deliveredTotal: sum('deliveredTotal'),
    deadTotal: sum('deadTotal'),
    oldestDueAt: due.length > 0 ? Math.min(...due) : null,
  }
}
