import type {Counts, Stats} from '../queue/inspector.js'
import {isoInstant} from '../task/view.js'
import {fromNow} from './format.js'
import type {TableColumn} from './output.js'

const states = ['scheduled', 'ready', 'active', 'retrying', 'dead', 'delivered'] as const
const totals = ['addedTotal', 'deliveredTotal', 'deadTotal'] as const

export const statsColumns: TableColumn[] = [
  {head: 'QUEUE'},
  ...states.map((state) => ({head: state.toUpperCase()})),
  {head: 'ADDED'},
  {head: 'SUCCEEDED'},
  {head: 'BINNED'},
  {head: 'OLDEST DUE'},
]

/** The rows for people: a queue each, and their sum where there are several. */
export function statsCells({totals: sum, queues}: Stats, now: number): string[][] {
  const rows = queues.map(({name, ...counts}) => cells(name, counts, dueText(counts, now)))
  return queues.length === 1 ? rows : [...rows, cells('all', sum, dueText(sum, now))]
}

/** The lines off a terminal: the sum first, under the name `*` that no queue can have. */
export function statsLines({totals: sum, queues}: Stats): string[][] {
  return [{name: '*', ...sum}, ...queues].map(({name, ...counts}) => cells(name, counts, isoInstant(counts.oldestDueAt) ?? ''))
}

function cells(name: string, counts: Counts, oldestDue: string): string[] {
  return [name, ...[...states, ...totals].map((key) => String(counts[key])), oldestDue]
}

function dueText({oldestDueAt}: Counts, now: number): string {
  return oldestDueAt === null ? '' : fromNow(oldestDueAt, now)
}
