import {TorqueError} from '../../errors.js'
import {ageBounds, type Filter, hasEnded} from '../../task/filter.js'
import {type TaskState, taskStates} from '../../task/task.js'
import {type QueueContext, redisNow} from '../context.js'
import {type Cursor, decodeCursor, encodeCursor} from './cursor.js'
import type {Position} from '../scripts/scan.js'
import {type Listing, listOrder, listingsOf, statePages} from './state-pages.js'

/** Where a task stands in a listing. */
export interface Place extends Position {
  queue: string
  listing: Listing
  /** By its listing, and by its due time as it was when it was found. */
  state: TaskState
}

export interface WalkOptions {
  /** The queues to look into, each with what its verbs need. */
  contexts: readonly QueueContext[]
  /** Its states, its lane and its age bound what is walked over; nothing else of it is looked at. */
  filter: Filter
  /** Where an earlier walk over the same states ended. */
  cursor?: string | undefined
  /** How many places to look up at a time where more than those asked for will be: over many lanes each look costs. */
  ahead?: number
}

/** Comes after every id. */
const lastMember = '~'

/** A walk over the tasks of some queues, state by state and in the order in which they are listed. */
export class Walk {
  readonly #contexts: readonly QueueContext[]
  readonly #filter: Filter
  readonly #listings: readonly Listing[]
  readonly #ahead: number
  /** Found, and not given out yet. */
  #found: Place[] = []
  #at: Cursor | undefined
  /** Which of the lists is being walked. */
  #index: number

  constructor({contexts, filter, cursor, ahead = 0}: WalkOptions) {
    this.#ahead = ahead
    this.#contexts = contexts
    this.#filter = filter
    this.#listings = listingsOf(filter.states ?? taskStates)
    this.#at = cursor === undefined ? undefined : decodeCursor(cursor)
    this.#index = this.#at ? this.#listings.indexOf(this.#at.listing) : 0
    if (this.#index < 0) throw new TorqueError('invalid_cursor', 'this cursor is of a list of other states', {field: 'cursor'})
  }

  /** Where the walk stands; null at its end. */
  get cursor(): string | null {
    const isAtEnd = this.#found.length === 0 && this.#index >= this.#listings.length
    return isAtEnd || !this.#at ? null : encodeCursor(this.#at)
  }

  /** The next `limit` places at most, all of one list; none where there are no more at all. */
  async next(limit: number): Promise<Place[]> {
    while (this.#found.length === 0) {
      const listing = this.#listings[this.#index]
      if (listing === undefined) return []
      const size = Math.max(limit, this.#ahead)
      this.#found = await this.#find(listing, size)
      if (this.#found.length < size) this.#index++
    }
    const places = this.#found.slice(0, limit)
    this.#found = this.#found.slice(limit)
    this.#at = places.at(-1)
    return places
  }

  /** Goes on behind this place, which was given out before. */
  goBackTo(place: Place): void {
    this.#at = place
    this.#found = []
    this.#index = this.#listings.indexOf(place.listing)
  }

  /** The next places of one list over the queues, merged. Less than `limit`: there are no more in it. */
  async #find(listing: Listing, limit: number): Promise<Place[]> {
    const first = this.#contexts[0]
    if (!first) return []
    const now = await redisNow(first)
    const bounds = this.#boundsOf(listing, now)
    const {flowKey: lane} = this.#filter
    const pages = await Promise.all(
      this.#contexts.map(async (context) => {
        const options = {now, limit, lane, ...this.#start(listing, context.name, bounds.upTo)}
        const page = await statePages[listing](context, options)
        return page.map((position) => toPlace(position, {listing, queue: context.name, now}))
      }),
    )
    const order = listOrder(listing)
    return pages
      .flat()
      .toSorted((left, right) => order(left, right) || (left.queue < right.queue ? -1 : 1))
      .slice(0, limit)
      .filter(({score}) => score > bounds.after)
  }

  /** Ended tasks are listed by when they ended, newest first: what is too young or too old is not even read. */
  #boundsOf(listing: Listing, now: number): {after: number; upTo: number} {
    return listing !== 'waiting' && hasEnded(listing) ? ageBounds(this.#filter, now) : {after: -Infinity, upTo: Infinity}
  }

  #start(listing: Listing, queue: string, upTo: number): {after: Position | undefined; inclusive: boolean} {
    const after = this.#at?.listing === listing ? this.#at : undefined
    // Two queues may hold the same id at the same time: the later one's is still to come.
    if (after && after.score <= upTo) return {after, inclusive: queue > after.queue}
    return upTo === Infinity ? {after, inclusive: false} : {after: {score: upTo, member: lastMember}, inclusive: true}
  }
}

function toPlace(position: Position, {listing, queue, now}: {listing: Listing; queue: string; now: number}): Place {
  const state = listing === 'waiting' ? (position.score <= now ? 'ready' : 'scheduled') : listing
  return {...position, listing, queue, state}
}
