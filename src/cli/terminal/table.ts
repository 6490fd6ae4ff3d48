import Table from 'cli-table3'

import type {Styles} from './color.js'
import {escapeText} from '../../escape.js'
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
/** Rather than cutting a cell below this, a column that says less goes. */
const readableWidth = 20

/** A table for people: bold header, one line a row, cut to fit the terminal where that is possible. The id is never cut. */
export function renderTable(columns: TableColumn[], rows: string[][], {width, styles}: TableOptions): string {
  const cellsOf = (index: number) => rows.map((row) => escapeText(row[index] ?? ''))
  const strips = fit(
    columns.map((column, index) => toStrip(column, cellsOf(index))),
    width,
  )
  const table = new Table({
    head: strips.map(({column}) => styles.bold(column.head)),
    chars: {...chars, middle: gap},
    colAligns: strips.map(({column}) => (column.right ? 'right' : 'left')),
    // The library colours headers and borders by itself, also where no colour is wanted.
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true},
  })
  const painted = strips.map(({column, cells}) => cells.map((cell) => column.paint?.(cell, styles) ?? cell))
  table.push(...rows.map((_row, index) => painted.map((cells) => cells[index]!)))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** A column with its cells. */
interface Strip {
  column: TableColumn
  cells: string[]
  /** Of the longest of them, and of the head. */
  width: number
}

function toStrip(column: TableColumn, cells: string[]): Strip {
  return {column, cells, width: Math.max(column.head.length, ...cells.map((cell) => cell.length))}
}

/** In fewer words, then without the columns that say least, then cut. */
function fit(strips: Strip[], width: number): Strip[] {
  if (totalWidth(strips) <= width) return strips
  let left = strips.map(({column, cells}) => toStrip(column, column.short ? cells.map(column.short) : cells))
  for (let next = leastTelling(left); next && totalWidth(left, readable) > width; next = leastTelling(left)) {
    left = left.filter((strip) => strip !== next)
  }
  const shrinking = left.flatMap(({column}, index) => (column.shrink ? [index] : []))
  const limits = shareOut(left.map(natural), shrinking, totalWidth(left) - width)
  return left.map(({column, cells}, index) =>
    toStrip(
      column,
      cells.map((cell) => cut(cell, limits[index]!)),
    ),
  )
}

const natural = ({width}: Strip) => width
const readable = ({column, width}: Strip) => (column.shrink ? Math.min(width, readableWidth) : width)

function totalWidth(strips: readonly Strip[], widthOf = natural): number {
  return strips.reduce((sum, strip) => sum + widthOf(strip), 0) + gap.length * (strips.length - 1)
}

/** The column to go first, of those that may. */
function leastTelling(strips: readonly Strip[]): Strip | undefined {
  const rank = ({column: {drop = 0}, cells}: Strip) => (cells.length > 1 && new Set(cells).size === 1 ? 0 : drop)
  return strips.filter(({column}) => column.drop !== undefined).toSorted((left, right) => rank(left) - rank(right))[0]
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
