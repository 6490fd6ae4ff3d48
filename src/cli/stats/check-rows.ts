import type {Checked, VitalName} from '../../task/check.js'
import {formatDuration} from '../../task/duration.js'
import type {TableColumn} from '../terminal/output.js'

export const checkColumns: TableColumn[] = [
  {head: '', paint: (cell, {green, red}) => (cell === 'ok' ? green : red)(cell)},
  {head: 'CHECK'},
  {head: 'VALUE', right: true},
  {head: 'LIMIT', right: true},
]

/** The names of the flags: what crosses a limit is what to look for. */
const names: Record<VitalName, string> = {
  oldestDueMs: 'oldest-due',
  ready: 'ready',
  retrying: 'retrying',
  dead: 'dead',
  errorRate: 'error-rate',
  waitP99Ms: 'wait-p99',
  callP99Ms: 'call-p99',
  serves: 'serves',
}

export function checkCells({name, value, limit, ok}: Checked, {people}: {people: boolean}): string[] {
  const text = people ? textFor(name) : String
  return [ok ? 'ok' : 'crossed', names[name], value === null ? '' : text(value), text(limit)]
}

function textFor(name: VitalName): (value: number) => string {
  if (name === 'errorRate') return (share) => `${Number((share * 100).toPrecision(3))}%`
  return name.endsWith('Ms') ? formatDuration : String
}
