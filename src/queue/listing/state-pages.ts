import type {TaskState} from '../../task/task.js'
import type {QueueContext} from '../context.js'
import {laneNames} from '../lane-names.js'
import {comparePositions, mergeSets} from './merge.js'
import {type Position, scan} from '../scripts/scan.js'

export interface StatePageOptions {
  /** Redis time, ms since the epoch: parts ready from scheduled. */
  now: number
  after?: Position | undefined
  inclusive: boolean
  limit: number
  /** Of waiting tasks only those in this lane. */
  lane?: string | undefined
}

/**
 * What is listed as one: the tasks of a state, or `waiting`, those ready and scheduled together. A scheduled task turns into a
 * ready one by itself, so two lists, read one after the other, would miss it.
 */
export const listings = ['active', 'retrying', 'waiting', 'ready', 'scheduled', 'dead', 'delivered'] as const
export type Listing = (typeof listings)[number]

/** The lists that make up a listing of these states, in order. */
export function listingsOf(states: readonly TaskState[]): Listing[] {
  const together = states.includes('ready') && states.includes('scheduled')
  return listings.filter((listing) => {
    if (listing === 'waiting') return together
    return states.includes(listing) && !(together && isListed(listing, 'waiting'))
  })
}

/** Whether a task of that state belongs to the list. */
export function isListed(state: TaskState, listing: Listing): boolean {
  return listing === 'waiting' ? state === 'ready' || state === 'scheduled' : state === listing
}

type StatePage = (context: QueueContext, options: StatePageOptions) => Promise<Position[]>

/**
 * How the tasks of each list are found: waiting ones by due time, ended ones newest first, active ones by id, because their
 * leases move while one reads. A short page is the last one.
 */
export const statePages: Record<Listing, StatePage> = {
  active: activePage,
  retrying: (context, {after, inclusive, limit}) =>
    oneSet(context, context.keys.retrying, {order: 'up', after, inclusive, limit}),
  waiting: (context, options) => waitingPage(context, options, {to: Infinity}),
  ready: (context, options) => waitingPage(context, options, {to: options.now}),
  scheduled: (context, {after, ...options}) => {
    const from = {score: options.now + 1, member: ''}
    // A task that came due since the last page is ready now, and not this list's.
    return after && comparePositions(after, from) > 0
      ? waitingPage(context, {...options, after}, {to: Infinity})
      : waitingPage(context, {...options, after: from, inclusive: true}, {to: Infinity})
  },
  dead: (context, {after, inclusive, limit}) => oneSet(context, context.keys.dead, {order: 'down', after, inclusive, limit}),
  delivered: (context, {after, inclusive, limit}) =>
    oneSet(context, context.keys.delivered, {order: 'down', after, inclusive, limit}),
}

/** Ended tasks come newest first; all others in the order of their positions. */
export function listOrder(state: Listing): (left: Position, right: Position) => number {
  return state === 'dead' || state === 'delivered' ? (left, right) => comparePositions(right, left) : comparePositions
}

async function oneSet(context: QueueContext, key: string, options: Parameters<typeof scan>[2]): Promise<Position[]> {
  const [page = []] = await scan(context, [key], options)
  return page
}

async function activePage({redis, keys}: QueueContext, {after, inclusive, limit}: StatePageOptions): Promise<Position[]> {
  const members = await redis.zrange(keys.active, '0', '-1')
  const positions = members.map((member) => ({score: 0, member: member.slice(0, member.indexOf('#'))})).toSorted(comparePositions)
  const isNext = (position: Position) => !after || comparePositions(position, after) > (inclusive ? -1 : 0)
  return positions.filter(isNext).slice(0, limit)
}

/** Walks the lanes together, leaving out what is retrying, up to a due time. */
async function waitingPage(context: QueueContext, options: StatePageOptions, {to}: {to: number}): Promise<Position[]> {
  const names = options.lane === undefined ? await laneNames(context) : [options.lane]
  const lanes = names.map((name) => context.keys.lane(name))
  const page: Position[] = []
  let {after, inclusive} = options
  for (;;) {
    const found = await mergeSets(context, lanes, {after, inclusive, limit: options.limit})
    const due = found.filter(({score}) => score <= to)
    page.push(...(await withoutRetrying(context, due)))
    if (page.length >= options.limit || due.length < options.limit) return page.slice(0, options.limit)
    ;[after, inclusive] = [due.at(-1), false]
  }
}

async function withoutRetrying({redis, keys}: QueueContext, positions: readonly Position[]): Promise<Position[]> {
  if (positions.length === 0) return []
  const failed = await redis.zmscore(keys.retrying, ...positions.map(({member}) => member))
  return positions.filter((_position, index) => failed[index] === null)
}
