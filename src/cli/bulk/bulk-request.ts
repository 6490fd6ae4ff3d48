import {TorqueError} from '../../errors.js'
import type {BulkVerb} from '../../queue/bulk.js'
import type {Wanted} from '../../queue/selection.js'
import type {Mend} from '../../queue/queue.js'
import {parseFilter} from '../../task/parse-filter.js'
import {type FilterFlags, filterFields, spellFlag} from '../input/filter-flags.js'
import {readIds} from '../input/read-ids.js'

export interface BulkFlags extends FilterFlags {
  all: boolean
  limit?: number | undefined
  queue?: string | undefined
  'dry-run': boolean
  yes: boolean
}

/** What a bulk verb is asked to do. */
export interface BulkRequest {
  wanted: Wanted
  dryRun: boolean
  confirmed: boolean
  /** Tasks a second. */
  perSecond?: number | undefined
  mend?: Mend | undefined
}

/** The arguments and flags of a bulk verb, checked. Ids come from the standard input where `-` asks for it. */
export async function readRequest(verb: BulkVerb, words: string[], flags: BulkFlags): Promise<BulkRequest> {
  const filter = parseFilter(filterFields(flags), spellFlag)
  const {queue, limit} = flags
  const byFilter = flags.all || Object.keys(filter).length > 0
  if (words.length === 0 && !byFilter)
    throw usage(`name the tasks to ${verb}, or say which ones: --all, or a filter such as --host`)
  if (words.length > 0 && (byFilter || limit !== undefined)) throw usage('name tasks by id or by filter, not both')
  return {
    wanted: words.length > 0 ? {queue, ids: await readIds(words)} : {queue, filter, limit},
    dryRun: flags['dry-run'],
    // An id is named for a purpose: there is nothing to ask about.
    confirmed: flags.yes || words.length > 0,
  }
}

function usage(message: string): TorqueError {
  return new TorqueError('usage', message, {hint: 'See more help with --help.'})
}
