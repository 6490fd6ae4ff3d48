import type {Stats} from '../../queue/stats.js'
import type {Styles} from '../terminal/color.js'
import {paceCells, paceColumns, processCells, processColumns, statsCells, statsColumns} from './stats-rows.js'
import {renderTable} from '../terminal/table.js'

export interface ScreenOptions {
  now: number
  width: number
  styles: Styles
}

/** The tables of the statistics, one below the other; those with nothing in them are left out. */
export function statsScreen(stats: Stats, {now, width, styles}: ScreenOptions): string {
  const tables = [
    {columns: statsColumns, rows: statsCells(stats, now)},
    {columns: paceColumns, rows: paceCells(stats)},
    {columns: processColumns, rows: processCells(stats, now)},
  ]
  const shown = tables.filter(({rows}) => rows.length > 0)
  return shown.map(({columns, rows}) => renderTable(columns, rows, {width, styles})).join('\n\n')
}
