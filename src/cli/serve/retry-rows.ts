import {formatDuration} from '../../task/duration.js'
import type {RetrySchedule, Span} from '../../task/retry-schedule.js'
import type {TableColumn} from '../terminal/output.js'

export const retryColumns: TableColumn[] = [
  {head: 'ERROR', right: true},
  {head: 'WAIT', right: true},
  {head: 'WITH JITTER'},
  {head: 'AFTER', right: true},
  {head: 'WITH JITTER'},
]

/** The rows for people. */
export function retryCells({retries, maxErrors}: RetrySchedule): string[][] {
  const rows = retries.map(({error, wait, after}) => [String(error), ...spanCells(wait), ...spanCells(after)])
  return [...rows, [String(maxErrors), 'binned', '', '', '']]
}

function spanCells({ms, leastMs, mostMs}: Span): string[] {
  return [formatDuration(ms), `${formatDuration(leastMs)} to ${formatDuration(mostMs)}`]
}

/** The lines off a terminal, in ms. */
export function retryLines({retries}: RetrySchedule): string[][] {
  const lengths = ({ms, leastMs, mostMs}: Span) => [ms, leastMs, mostMs]
  return retries.map(({error, wait, after}) => [error, ...lengths(wait), ...lengths(after)].map(String))
}
