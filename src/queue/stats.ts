import {isoInstant} from '../task/view.js'
import type {Counts, Stats as QueueCounts} from './inspector.js'
import type {ProcessInfo} from './process-registry.js'
import type {Store} from './store.js'
import {type Pace, RecentTallies} from './tallies.js'

export interface Standing extends Counts, Pace {}

/** How the queues stand, and how they have fared of late. Instants are ms since the epoch. */
export interface Stats {
  totals: Standing
  queues: (Standing & {name: string})[]
  /** The live `serve`s. */
  processes: ProcessInfo[]
}

/** Reads the statistics of one queue, or of all. Throws only `TorqueError`. */
export async function readStats(store: Store, {queue}: {queue?: string | undefined} = {}): Promise<Stats> {
  const [counts, processes] = await Promise.all([store.inspector.stats({queue}), store.processes.live()])
  return withPace(store, counts, processes)
}

async function withPace(store: Store, {totals, queues}: QueueCounts, processes: ProcessInfo[]): Promise<Stats> {
  const tallies = await Promise.all(queues.map(({name}) => RecentTallies.read(store.context(name))))
  return {
    totals: {...totals, ...RecentTallies.join(tallies).pace()},
    queues: queues.map((one, index) => ({...one, ...tallies[index]!.pace()})),
    processes: processes.toSorted((one, other) =>
      one.host === other.host ? one.pid - other.pid : one.host < other.host ? -1 : 1,
    ),
  }
}

export interface StandingView extends Omit<Standing, 'oldestDueAt'> {
  oldestDueAt: string | null
}

export interface ProcessView extends Pick<ProcessInfo, 'host' | 'pid' | 'version' | 'inFlight'> {
  seenAt: string
}

export interface StatsView {
  totals: StandingView
  queues: (StandingView & {name: string})[]
  processes: ProcessView[]
}

/** The wire form, the same over HTTP and with `--json`. */
export function statsView({totals, queues, processes}: Stats): StatsView {
  return {
    totals: standingView(totals),
    queues: queues.map(({name, ...standing}) => ({name, ...standingView(standing)})),
    processes: processes.map(({host, pid, version, inFlight, seenAt}) => {
      return {host, pid, version, inFlight, seenAt: isoInstant(seenAt) ?? ''}
    }),
  }
}

function standingView(standing: Standing): StandingView {
  const {scheduled, ready, active, retrying, dead, delivered, addedTotal, deliveredTotal, deadTotal, oldestDueAt} = standing
  const byState = {scheduled, ready, active, retrying, dead, delivered}
  const {rates, waitMs, deliveryMs} = standing
  return {...byState, addedTotal, deliveredTotal, deadTotal, oldestDueAt: isoInstant(oldestDueAt), rates, waitMs, deliveryMs}
}
