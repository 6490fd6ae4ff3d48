import {TorqueError} from '../../errors.js'
import type {AddView} from '../../task/view.js'
import type {LineResult} from './add-from.js'
import {fromNow} from '../terminal/format.js'

export interface AddOutputOptions {
  /** Nothing was added, so there is no id that anybody could use. */
  dryRun: boolean
}

/** What became of an added task, for people. */
export function describeAdded({id, queue, state, dueAt, duplicate, replaced}: AddView, {dryRun}: AddOutputOptions): string {
  const due = state === 'scheduled' && dueAt ? `, due ${fromNow(Date.parse(dueAt), Date.now())}` : ''
  const where = `${state} in queue ${queue}${due}`
  if (dryRun) return `dry run, nothing added: it would be ${where}`
  if (replaced) return `${id} has the new content, and is ${where}`
  return `${id} ${duplicate ? 'had been added before, and is' : 'is'} ${where}`
}

/** Off a terminal: id, queue, state, instant at which it is due, whether it had been added before (`replaced`: it was given new content). */
export function addedCells({id, queue, state, dueAt, duplicate, replaced}: AddView, {dryRun}: AddOutputOptions): string[] {
  return [dryRun ? '' : id, queue, state, dueAt ?? '', replaced ? 'replaced' : String(duplicate)]
}

/** The same for a task of a file: its line number first, the error that kept it out last. One that may be in all the same has its id. */
export function lineCells({line, result}: LineResult, options: AddOutputOptions): string[] {
  if (result instanceof TorqueError) {
    const id = result.code === 'outcome_unknown' ? (result.id ?? '') : ''
    return [String(line), id, '', '', '', '', `${result.code}: ${result.message}`]
  }
  return [String(line), ...addedCells(result, options), '']
}

/** The same as a JSON document. */
export function lineDocument({line, result}: LineResult, {dryRun}: AddOutputOptions): object {
  return {line, ...(result instanceof TorqueError ? result.toJSON() : {...result, ...(dryRun && {dryRun})})}
}
