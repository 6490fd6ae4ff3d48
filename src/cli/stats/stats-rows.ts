import type {Standing, Stats} from '../../queue/stats.js'
import {formatDuration} from '../../task/duration.js'
import {isoInstant} from '../../task/view.js'
import {fromNow} from '../terminal/format.js'
import type {TableColumn} from '../terminal/output.js'

const states = ['scheduled', 'ready', 'active', 'retrying', 'dead', 'delivered'] as const
const totals = ['addedTotal', 'deliveredTotal', 'deadTotal'] as const

export const statsColumns: TableColumn[] = [
  {head: 'QUEUE'},
  ...states.map((state) => ({head: state.toUpperCase(), right: true})),
  {head: 'OLDEST DUE'},
]

/** How many of each state, for people: a row each queue, and their sum where there are several. */
export function statsCells(stats: Stats, now: number): string[][] {
  return rowsOf(stats, (name, standing) => [name, ...states.map((state) => String(standing[state])), dueText(standing, now)])
}

export const paceColumns: TableColumn[] = [
  {head: 'QUEUE'},
  ...['DELIVERED/S 1M', '5M', '1H', 'ERRORS/S 1M', '5M', '1H', 'WAIT P50', 'P99', 'CALL P50', 'P99'].map((head) => ({
    head,
    right: true,
  })),
]

/** How fast and how well, for people; no row where nothing was called for an hour. */
export function paceCells(stats: Stats): string[][] {
  const isIdle = ({rates}: Standing) => rates['1h'].delivered + rates['1h'].errors === 0
  if (isIdle(stats.totals)) return []
  return rowsOf(stats, (name, {rates, waitMs, deliveryMs}) => {
    const perSecond = (kind: 'delivered' | 'errors') => [rates['1m'][kind], rates['5m'][kind], rates['1h'][kind]].map(String)
    const lengths = [waitMs.p50, waitMs.p99, deliveryMs.p50, deliveryMs.p99].map((ms) => (ms === null ? '' : formatDuration(ms)))
    return [name, ...perSecond('delivered'), ...perSecond('errors'), ...lengths]
  })
}

export const processColumns: TableColumn[] = [
  {head: 'SERVE'},
  {head: 'PID', right: true},
  {head: 'VERSION'},
  {head: 'IN FLIGHT', right: true},
  {head: 'SEEN'},
]

export function processCells({processes}: Stats, now: number): string[][] {
  return processes.map(({host, pid, version, inFlight, seenAt}) => {
    return [host, String(pid), version, String(inFlight), fromNow(Math.min(seenAt, now), now)]
  })
}

/** The lines off a terminal: the sum first, under the name `*` that no queue can have. */
export function statsLines({totals: sum, queues}: Stats): string[][] {
  const keys = [...states, ...totals]
  return [{name: '*', ...sum}, ...queues].map(({name, rates, waitMs, deliveryMs, ...counts}) => {
    const pace = [rates['1m'].delivered, rates['1m'].errors, waitMs.p95, deliveryMs.p95].map((value) => String(value ?? ''))
    return [name, ...keys.map((key) => String(counts[key])), isoInstant(counts.oldestDueAt) ?? '', ...pace]
  })
}

function rowsOf({totals: sum, queues}: Stats, row: (name: string, standing: Standing) => string[]): string[][] {
  const rows = queues.map(({name, ...standing}) => row(name, standing))
  return queues.length === 1 ? rows : [...rows, row('all', sum)]
}

function dueText({oldestDueAt}: Standing, now: number): string {
  return oldestDueAt === null ? '' : fromNow(oldestDueAt, now)
}
