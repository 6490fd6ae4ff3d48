import {isoInstant} from '../task/view.js'
import type {Counts, Stats} from './inspector.js'

export interface CountsView extends Omit<Counts, 'oldestDueAt'> {
  oldestDueAt: string | null
}

export interface StatsView {
  totals: CountsView
  queues: (CountsView & {name: string})[]
}

/** The wire form of the counts, the same over HTTP and with `--json`. */
export function statsView({totals, queues}: Stats): StatsView {
  return {totals: countsView(totals), queues: queues.map(({name, ...counts}) => ({name, ...countsView(counts)}))}
}

function countsView(counts: Counts): CountsView {
  const {scheduled, ready, active, retrying, dead, delivered, addedTotal, deliveredTotal, deadTotal} = counts
  const byState = {scheduled, ready, active, retrying, dead, delivered}
  return {...byState, addedTotal, deliveredTotal, deadTotal, oldestDueAt: isoInstant(counts.oldestDueAt)}
}
