import Table from 'cli-table3'

import type {Styles} from './color.js'
import {escapeText} from './escape.js'
import type {TableColumn} from './output.js'

export interface TableOptions {
  /** Columns of the terminal. */
  width: number
  styles: Styles
}

/** No lines or boxes: two spaces between columns, so that a cell can be selected with a double click. */
const chars = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
)
const gap = '  '
/** A cell is never cut shorter than this: a wrapped line says more than a mere dot. */
const leastWidth = 12

/** A table for people: bold header, one line a row, the columns that may shrink cut to fit. The id is never cut. */
export function renderTable(columns: TableColumn[], rows: string[][], {width, styles}: TableOptions): string {
  const cells = rows.map((row) => row.map(escapeText))
  const fitted = fit(columns, cells, width)
  const table = new Table({
    head: columns.map(({head}) => styles.bold(head)),
    chars: {...chars, middle: gap},
    colAligns: columns.map(({right}) => (right ? 'right' : 'left')),
    // The library colours headers and borders by itself, also where no colour is wanted.
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true},
  })
  table.push(...fitted.map((row) => row.map((cell, index) => columns[index]?.paint?.(cell, styles) ?? cell)))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Cuts the columns that may shrink so that a line fits the terminal, where that is possible. */
function fit(columns: TableColumn[], rows: string[][], width: number): string[][] {
  const widths = columns.map(({head}, index) => Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const total = widths.reduce((sum, each) => sum + each, 0) + gap.length * (columns.length - 1)
  const shrinking = columns.flatMap(({shrink}, index) => (shrink ? [index] : []))
  const limits = shareOut(widths, shrinking, total - width)
  return rows.map((row) => row.map((cell, index) => cut(cell, limits[index] ?? cell.length)))
}

/** Takes `excess` columns from those that may shrink, from the widest first. */
function shareOut(widths: number[], shrinking: number[], excess: number): number[] {
  const limits = [...widths]
  for (let left = excess; left > 0; left--) {
    const widest = shrinking.reduce(
      (best, index) => ((limits[index] ?? 0) > (limits[best] ?? 0) ? index : best),
      shrinking[0] ?? -1,
    )
    if ((limits[widest] ?? 0) <= leastWidth) break
    limits[widest] = (limits[widest] ?? 0) - 1
  }
  return limits
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
