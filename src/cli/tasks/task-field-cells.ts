import type {TaskView} from '../../task/view.js'
import {jsonLine} from '../terminal/json-line.js'

/** A task as `field TAB value` cells: text as it is, everything else as JSON, nothing for null. */
export function taskFieldCells(task: TaskView): string[][] {
  return Object.entries(task).map(([name, value]: [string, unknown]) => [name, cell(value)])
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : jsonLine(value)
}
