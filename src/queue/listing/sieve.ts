import {groupBy} from '../../group-by.js'
import {readRun, readTask, unreadableTask} from '../../task/codec.js'
import {type Filter, hasEnded, matchesAge, matchesId, matchesRun, matchesTask, needsRun, needsTask} from '../../task/filter.js'
import {type QueueContext, batchLimit, redisNow} from '../context.js'
import {type Peeked, peek} from '../scripts/peek.js'
import type {Place} from './walk.js'

/** A place whose task is meant. */
export interface Sifted extends Place {
  /** From when its age counts, ms since the epoch; null where nobody asked. */
  ageFrom: number | null
}

export interface SieveOptions {
  filter: Filter
  context: (queue: string) => QueueContext
  /** The age of each is wanted, also where the filter does not ask for it. */
  ages?: boolean | undefined
}

/** Keeps the places whose tasks a filter means, and reads no more of them than it takes to tell. What is kept may move on since. */
export class Sieve {
  readonly #options: SieveOptions

  constructor(options: SieveOptions) {
    this.#options = options
  }

  /** Those that are meant, in the order given. */
  async sift(places: readonly Place[]): Promise<Sifted[]> {
    const {filter, context} = this.#options
    const named = places.filter(({member}) => matchesId(filter, member))
    const kept = new Map<Place, Sifted>()
    for (const [queue, some] of groupBy(named, (place) => place.queue)) {
      for (const [place, sifted] of await this.#siftQueue(context(queue), some)) kept.set(place, sifted)
    }
    return named.flatMap((place) => kept.get(place) ?? [])
  }

  async #siftQueue(context: QueueContext, places: readonly Place[]): Promise<[Place, Sifted][]> {
    const {filter, ages = false} = this.#options
    const tasks = places.some(({state}) => needsTask(filter, state) || (ages && !hasEnded(state)))
    const runs = needsRun(filter)
    const now = await redisNow(context)
    if (!tasks && !runs) return places.flatMap((place) => this.#judge(place, undefined, now))
    const kept: [Place, Sifted][] = []
    for (let from = 0; from < places.length;) {
      const some = places.slice(from, from + batchLimit)
      const peeked = await peek(
        context,
        some.map(({member}) => member),
        {tasks, runs},
      )
      peeked.forEach((one, index) => kept.push(...this.#judge(some[index]!, {...one, tasks, runs}, now)))
      from += peeked.length
    }
    return kept
  }

  #judge(place: Place, read: (Peeked & {tasks: boolean; runs: boolean}) | undefined, now: number): [Place, Sifted][] {
    const {filter} = this.#options
    const {member: id, score} = place
    if (read?.tasks && read.task === null) return []
    const task = read?.task ? (readTask(id, read.task) ?? unreadableTask(id, read.task)) : undefined
    if (task && !matchesTask(filter, task)) return []
    if (read?.runs && !matchesRun(filter, readRun(read.run))) return []
    const ageFrom = hasEnded(place.state) ? score : (task?.createdAt ?? null)
    return ageFrom !== null && !matchesAge(filter, ageFrom, now) ? [] : [[place, {...place, ageFrom}]]
  }
}
