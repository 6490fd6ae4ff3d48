import type {TaskState} from '../../task/task.js'
import {type QueueContext, batchLimit, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<
  [lanes: [number, number, string], states: [number, number, number, number, number], counters: string[]]
>('count')

export interface Counts extends Record<TaskState, number> {
  addedTotal: number
  deliveredTotal: number
  deadTotal: number
  /** Due time of the waiting task that is due first, ms since the epoch; null when none waits. */
  oldestDueAt: number | null
}

/** Counts a queue's tasks by state: at one moment for up to 500 lanes, in steps beyond. */
export async function count(context: QueueContext, laneNames: readonly string[]): Promise<Counts> {
  let [waiting, due, oldest] = [0, 0, Infinity]
  let last: Awaited<ReturnType<typeof countLanes>> | undefined
  for (let from = 0; from === 0 || from < laneNames.length; from += batchLimit) {
    last = await countLanes(context, laneNames.slice(from, from + batchLimit))
    const [lanesWaiting, lanesDue, lanesOldest] = last[0]
    waiting += lanesWaiting
    due += lanesDue
    if (lanesOldest !== '') oldest = Math.min(oldest, Number(lanesOldest))
  }
  const [active = 0, retrying = 0, retryingDue = 0, dead = 0, delivered = 0] = last?.[1] ?? []
  const counters = readCounters(last?.[2] ?? [])
  return {
    active,
    retrying,
    // Between the steps tasks move on: a count is never below nothing.
    ready: Math.max(0, due - retryingDue),
    scheduled: Math.max(0, waiting - due - (retrying - retryingDue)),
    dead,
    delivered,
    addedTotal: counters.get('addedTotal') ?? 0,
    deliveredTotal: counters.get('deliveredTotal') ?? 0,
    deadTotal: counters.get('deadTotal') ?? 0,
    oldestDueAt: oldest === Infinity ? null : oldest,
  }
}

function countLanes(context: QueueContext, laneNames: readonly string[]) {
  const {redis, keys} = context
  return script.run(redis, [...keys.fixed, ...laneNames.map((lane) => keys.lane(lane))], [scriptNow(context)])
}

function readCounters(flat: readonly string[]): Map<string, number> {
  const counters = new Map<string, number>()
  for (let at = 0; at < flat.length; at += 2) counters.set(flat[at] ?? '', Number(flat[at + 1]))
  return counters
}
