import type {Counts, Stats} from '../queue/inspector.js'
import {isoInstant} from '../task/view.js'
import {fromNow} from './format.js'
import type {TableColumn} from './output.js'

const states = ['scheduled', 'ready', 'active', 'retrying', 'dead', 'delivered'] as const
const totals = ['addedTotal', 'deliveredTotal', 'deadTotal'] as const

export const statsColumns: TableColumn[] = [
  {head: 'QUEUE'},
  ...states.map((state) => ({head: state.toUpperCase(), right: true})),
  {head: 'OLDEST DUE'},
]

/** The rows for people: a queue each, and their sum where there are several. */
export function statsCells({totals: sum, queues}: Stats, now: number): string[][] {
  const row = (name: string, counts: Counts) => [name, ...states.map((state) => String(counts[state])), dueText(counts, now)]
  const rows = queues.map(({name, ...counts}) => row(name, counts))
  return queues.length === 1 ? rows : [...rows, row('all', sum)]
}

/** The lines off a terminal: the sum first, under the name `*` that no queue can have. */
export function statsLines({totals: sum, queues}: Stats): string[][] {
  const keys = [...states, ...totals]
  return [{name: '*', ...sum}, ...queues].map(({name, ...counts}) => {
    return [name, ...keys.map((key) => String(counts[key])), isoInstant(counts.oldestDueAt) ?? '']
  })
}

function dueText({oldestDueAt}: Counts, now: number): string {
  return oldestDueAt === null ? '' : fromNow(oldestDueAt, now)
}
