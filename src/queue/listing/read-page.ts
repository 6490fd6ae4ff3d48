import {type Filter, looksInside, matchesRecord} from '../../task/filter.js'
import type {TaskRecord} from '../../task/task.js'
import {groupBy} from '../../group-by.js'
import {type QueueContext, inBatches, redisNow} from '../context.js'
import {inspect, taskSizes} from '../scripts/inspect.js'
import {Sieve} from './sieve.js'
import {isListed} from './state-pages.js'
import type {Place, Walk} from './walk.js'

export interface Page {
  records: TaskRecord[]
  /** Null: there is no more. */
  cursor: string | null
  /** How many tasks were gone over for it. */
  scanned: number
}

export interface ReadPageOptions {
  filter: Filter
  context: (queue: string) => QueueContext
  /** Most records. */
  limit: number
  /** Most tasks to go over, about. */
  mostScanned: number
}

/** What the tasks of one page may be stored in, together. A thousand of the largest would be a gigabyte. */
const maxPageBytes = 8 << 20

/** How many tasks are gone over in one step where it takes a look inside to tell which are meant. */
const scanSize = 500

/** Goes on with a walk until the page is full. What has left its list meanwhile is no longer this list's. */
export async function readPage(walk: Walk, options: ReadPageOptions): Promise<Page> {
  const {limit, mostScanned} = options
  const page = new PageReader(walk, options)
  while (!page.isFull && page.scanned < mostScanned && (await page.step(limit))) {
    // Until nothing is left, or what it has is enough.
  }
  return {records: page.records, cursor: walk.cursor, scanned: page.scanned}
}

class PageReader {
  readonly records: TaskRecord[] = []
  isFull = false
  scanned = 0
  #bytesLeft = maxPageBytes
  /** The last place behind which all is done. */
  #done: Place | undefined
  readonly #walk: Walk
  readonly #options: ReadPageOptions
  readonly #sieve: Sieve | null

  constructor(walk: Walk, options: ReadPageOptions) {
    this.#walk = walk
    this.#options = options
    this.#sieve = looksInside(options.filter) ? new Sieve(options) : null
  }

  /** False when there is nothing left. */
  async step(limit: number): Promise<boolean> {
    const room = limit - this.records.length
    const found = await this.#walk.next(this.#sieve ? scanSize : room)
    if (found.length === 0) return false
    const meant = this.#sieve ? await this.#sieve.sift(found) : found
    const taken = await this.#fitting(meant.slice(0, room))
    this.records.push(...(await this.#load(taken)))
    const next = meant[taken.length]
    this.#advance(found, next ? found.findIndex((place) => isSame(place, next)) : found.length)
    this.isFull ||= this.records.length >= limit || next !== undefined
    return true
  }

  /** Done with the first of these; the rest is for another page. */
  #advance(found: readonly Place[], count: number): void {
    this.#done = found[count - 1] ?? this.#done
    this.scanned += count
    if (count < found.length && this.#done) this.#walk.goBackTo(this.#done)
  }

  /** The first of these that fit into the page, and one in any case: their sizes are asked for before they are. */
  async #fitting(places: readonly Place[]): Promise<readonly Place[]> {
    const sizes = new Map<Place, number>()
    for (const [queue, some] of groupBy(places, (place) => place.queue)) {
      const answers = await taskSizes(
        this.#options.context(queue),
        some.map(({member}) => member),
      )
      some.forEach((place, index) => sizes.set(place, answers[index] ?? 0))
    }
    const misfit = places.findIndex((place, index) => {
      this.#bytesLeft -= sizes.get(place) ?? 0
      return this.#bytesLeft < 0 && (index > 0 || this.records.length > 0)
    })
    return misfit < 0 ? places : places.slice(0, misfit)
  }

  async #load(places: readonly Place[]): Promise<TaskRecord[]> {
    const {filter, context} = this.#options
    const records = new Map<Place, TaskRecord>()
    for (const [queue, some] of groupBy(places, (place) => place.queue)) {
      const now = this.#sieve ? await redisNow(context(queue)) : 0
      const byId = new Map(some.map((place) => [place.member, place]))
      for (const record of await inBatches([...byId.keys()], (batch) => inspect(context(queue), batch))) {
        const place = byId.get(record.task.id)!
        const stays = isListed(record.state, place.listing) && (!this.#sieve || matchesRecord(filter, record, now))
        if (stays) records.set(place, record)
      }
    }
    return places.flatMap((place) => records.get(place) ?? [])
  }
}

function isSame(left: Place, right: Place): boolean {
  return left.member === right.member && left.queue === right.queue
}
