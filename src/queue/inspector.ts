import {TorqueError} from '../errors.js'
import {type TaskRecord, type TaskState, taskStates} from '../task/task.js'
import type {Limits} from '../task/limits.js'
import {type QueueContext, ask, inBatches, redisNow} from './context.js'
import {type Cursor, decodeCursor, encodeCursor} from './cursor.js'
import {type Counts, count} from './scripts/count.js'
import {inspect, taskSizes} from './scripts/inspect.js'
import type {Position} from './scripts/scan.js'
import {type Listing, isListed, listOrder, listingsOf, statePages} from './state-pages.js'

export type {Counts} from './scripts/count.js'

export interface PageOptions {
  /** Absent: every queue. */
  queue?: string | undefined
  /** Absent: all six. Always walked in the order of `taskStates`. */
  states?: readonly TaskState[] | undefined
  /** 1 to 1000. */
  limit: number
  /** Where the last page ended, as it was given out. */
  cursor?: string | undefined
}

export interface Page {
  records: TaskRecord[]
  /** Null: there is no more. */
  cursor: string | null
}

export interface Stats {
  totals: Counts
  queues: (Counts & {name: string})[]
}

export interface InspectorOptions {
  queueNames(): Promise<string[]>
  context(queue: string): QueueContext
  limits(): Promise<Limits>
}

type Found = Position & {queue: string}

/** What the tasks of one page may be stored in, together. A thousand of the largest would be a gigabyte. */
const maxPageBytes = 8 << 20

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

  /** A page of tasks, shorter than `limit` where they are large. Following the cursors to their end shows each task that stays, and matches, exactly once. */
  page({queue, states = taskStates, limit, cursor}: PageOptions): Promise<Page> {
    return ask(async () => {
      // A page of nothing has no end to go on from.
      if (!(limit >= 1)) throw new TorqueError('invalid_limit', `a page holds at least one task, not ${limit}`, {field: 'limit'})
      const queues = await this.#queues(queue)
      let at = cursor === undefined ? undefined : decodeCursor(cursor)
      const records: TaskRecord[] = []
      let bytesLeft = maxPageBytes
      for (const listing of remaining(listingsOf(states), at)) {
        for (;;) {
          const wanted = limit - records.length
          const found = await this.#findIn(queues, listing, {after: at?.listing === listing ? at : undefined, limit: wanted})
          const {fitting, bytes} = await this.#fitting(found, bytesLeft, {atLeast: records.length > 0 ? 0 : 1})
          bytesLeft -= bytes
          records.push(...(await this.#load(fitting, listing)))
          const last = fitting.at(-1)
          if (last) at = {...last, listing}
          if (at && (records.length >= limit || fitting.length < found.length)) return {records, cursor: encodeCursor(at)}
          if (found.length < wanted) break
        }
      }
      return {records, cursor: null}
    })
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

  /** The next tasks of one list over several queues, merged. */
  async #findIn(
    queues: readonly string[],
    listing: Listing,
    {after, limit}: {after: Cursor | undefined; limit: number},
  ): Promise<Found[]> {
    const now = await redisNow(this.#options.context(queues[0] ?? 'default'))
    const order = listOrder(listing)
    const pages = await Promise.all(
      queues.map(async (queue) => {
        // Two queues may hold the same id at the same time: the later one's is still to come.
        const inclusive = after !== undefined && queue > after.queue
        const page = await statePages[listing](this.#options.context(queue), {now, after, inclusive, limit})
        return page.map((position) => ({...position, queue}))
      }),
    )
    return pages
      .flat()
      .toSorted((left, right) => order(left, right) || (left.queue < right.queue ? -1 : 1))
      .slice(0, limit)
  }

  /** The first of these that fit into so many bytes: their sizes are asked for before they are. */
  async #fitting(
    found: readonly Found[],
    bytesLeft: number,
    {atLeast}: {atLeast: number},
  ): Promise<{fitting: Found[]; bytes: number}> {
    const sizes = await this.#sizes(found)
    let [count, bytes] = [0, 0]
    while (count < found.length && (count < atLeast || bytes + sizes[count]! <= bytesLeft)) bytes += sizes[count++]!
    return {fitting: found.slice(0, count), bytes}
  }

  async #sizes(found: readonly Found[]): Promise<number[]> {
    const sizes = found.map(() => 0)
    for (const queue of new Set(found.map((one) => one.queue))) {
      const places = found.flatMap((one, place) => (one.queue === queue ? [place] : []))
      const answers = await taskSizes(
        this.#options.context(queue),
        places.map((place) => found[place]!.member),
      )
      places.forEach((place, index) => (sizes[place] = answers[index]!))
    }
    return sizes
  }

  /** Reads the tasks behind positions; one that has left the list meanwhile is no longer this list's. */
  async #load(found: readonly Found[], listing: Listing): Promise<TaskRecord[]> {
    const records = new Map<string, TaskRecord>()
    for (const queue of new Set(found.map(({queue}) => queue))) {
      const ids = found.filter((one) => one.queue === queue).map(({member}) => member)
      for (const record of await this.#inspect(queue, ids)) records.set(`${queue}\n${record.task.id}`, record)
    }
    return found.flatMap(({queue, member}) => {
      const record = records.get(`${queue}\n${member}`)
      return record && isListed(record.state, listing) ? [record] : []
    })
  }

  #inspect(queue: string, ids: readonly string[]): Promise<TaskRecord[]> {
    return inBatches(ids, (batch) => inspect(this.#options.context(queue), batch))
  }

  async #count(queue: string): Promise<Counts> {
    const context = this.#options.context(queue)
    return count(context, await context.redis.zrange(context.keys.lanes, '0', '-1'))
  }
}

/** Those lists that a cursor has not passed. */
function remaining(walk: readonly Listing[], at: Cursor | undefined): readonly Listing[] {
  if (!at) return walk
  const from = walk.indexOf(at.listing)
  if (from < 0) throw new TorqueError('invalid_cursor', 'this cursor is of a list of other states', {field: 'cursor'})
  return walk.slice(from)
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
