import {TorqueError} from '../errors.js'
import type {BulkVerb} from '../queue/bulk.js'
import {parseDuration} from '../task/duration.js'
import {type TaskState, taskStates} from '../task/task.js'
import {openInput, readLines} from './read-lines.js'
import {parseStates} from '../task/state-names.js'

export interface BulkFlags {
  all: boolean
  state?: string[] | undefined
  'older-than'?: string | undefined
  limit?: number | undefined
  queue?: string | undefined
  'dry-run': boolean
  yes: boolean
}

/** What a bulk verb is asked to do. */
export interface BulkRequest {
  /** Named tasks; null: all that match. */
  ids: string[] | null
  states: readonly TaskState[]
  olderThanMs: number | undefined
  limit: number | undefined
  queue: string | undefined
  dryRun: boolean
  confirmed: boolean
}

/** The arguments and flags of a bulk verb, checked. Ids come from the standard input where `-` asks for it. */
export async function readRequest(verb: BulkVerb, words: string[], flags: BulkFlags): Promise<BulkRequest> {
  const byFilter = flags.all || flags.state !== undefined || flags['older-than'] !== undefined
  if (words.length === 0 && !byFilter) throw usage(`name the tasks to ${verb}, or say which ones: --all, --state or --older-than`)
  if (words.length > 0 && (byFilter || flags.limit !== undefined)) throw usage('name tasks by id or by filter, not both')
  return {
    ids: words.length > 0 ? await readIds(words) : null,
    states: words.length > 0 ? taskStates : statesOf(verb, flags.state),
    olderThanMs: flags['older-than'] === undefined ? undefined : parseDuration(flags['older-than'], {field: 'older-than'}),
    limit: flags.limit,
    queue: flags.queue,
    dryRun: flags['dry-run'],
    // An id is named for a purpose: there is nothing to ask about.
    confirmed: flags.yes || words.length > 0,
  }
}

function statesOf(verb: BulkVerb, values: string[] | undefined): readonly TaskState[] {
  const states = parseStates(values) ?? ['dead']
  // `all` is no way to delete what is being called just now; that takes the state's name.
  return verb === 'purge' && states === taskStates ? states.filter((state) => state !== 'active') : states
}

async function readIds(words: string[]): Promise<string[]> {
  const ids = new Set(words.filter((word) => word !== '-'))
  if (ids.size === words.length) return [...ids]
  for await (const lines of readLines(openInput('-'), {maxLength: longestLine})) {
    for (const {text} of lines) ids.add(firstColumn(text))
  }
  ids.delete('')
  return [...ids]
}

/** So that the lines of `torque list` can be piped in. */
function firstColumn(line: string): string {
  return (line.split('\t')[0] ?? '').trim()
}

/** A line of `torque list` is far shorter. */
const longestLine = 64 * 1024

function usage(message: string): TorqueError {
  return new TorqueError('usage', message, {hint: 'See more help with --help.'})
}
