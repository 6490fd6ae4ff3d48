import {TorqueError} from '../../errors.js'
import {type BulkCounts, type BulkVerb, runBulk} from '../../queue/bulk.js'
import {noSuchTask} from '../../queue/find-tasks.js'
import {type Selection, freeze, statesMeant} from '../../queue/selection.js'
import type {Store} from '../../queue/store.js'
import type {BulkRequest} from './bulk-request.js'
import {canAsk, confirm} from '../terminal/confirm.js'
import {count} from '../terminal/format.js'
import {Interrupt} from '../terminal/interrupt.js'
import type {Output} from '../terminal/output.js'
import {Progress, progressLine} from '../terminal/progress.js'
import {ScanProgress} from '../terminal/scan-progress.js'

/** The `--json` document of a bulk verb. */
export interface BulkReport extends BulkCounts {
  dryRun: boolean
  /** Why it went no further. */
  error?: object
}

export interface BulkEnd {
  report: BulkReport
  exitCode: number
  /** What a person should know beside the counts. */
  notes: string[]
}

export interface BulkContext {
  verb: BulkVerb
  output: Output
  /** The result is printed as JSON: nothing but errors on stderr. */
  json: boolean
}

/**
 * Carries out a bulk verb: freezes the selection, asks where it must, changes batch by batch and counts. Ctrl-C ends it where it
 * is, and what is done by then is counted.
 */
export async function bulk(store: Store, request: BulkRequest, context: BulkContext): Promise<BulkEnd> {
  const interrupt = new Interrupt()
  try {
    const selection = await select(store, request, context, interrupt)
    const nothing = {...nothingDone, matched: selection.size}
    const isStopped =
      selection.interrupted || (selection.size > 0 && !(await present(store, selection, request, context, interrupt)))
    if (isStopped) return end(nothing, selection, {dryRun: request.dryRun, exitCode: interrupt.exitCode || 130})
    if (request.dryRun) return end(nothing, selection, {dryRun: true, exitCode: 0})
    return await change(store, selection, request, context, interrupt)
  } finally {
    interrupt.stop()
  }
}

const nothingDone: BulkCounts = {matched: 0, changed: 0, skipped: 0, failed: 0}

async function select(store: Store, {wanted}: BulkRequest, {verb, json}: BulkContext, {signal}: Interrupt): Promise<Selection> {
  if (wanted.ids) return freeze(store, verb, wanted)
  const {queue = 'default', filter} = wanted
  const meant = {...filter, states: statesMeant(verb, filter)}
  const progress = await ScanProgress.start(store, {queue, filter: meant, enabled: !json})
  try {
    return await freeze(store, verb, wanted, {signal, onScan: progress.update, ages: process.stderr.isTTY})
  } finally {
    progress.end()
  }
}

/**
 * Shows what is about to happen where somebody sees it, and asks unless that was said. False: it was interrupted there. Throws
 * `not_confirmed` where nobody said yes.
 */
async function present(
  store: Store,
  selection: Selection,
  request: BulkRequest,
  {verb, output, json}: BulkContext,
  {signal}: Interrupt,
): Promise<boolean> {
  const mustAsk = !request.dryRun && !request.confirmed
  if (mustAsk && !canAsk()) throw notConfirmed(verb, selection.size, 'Add --yes to do it without being asked.')
  // Tasks that were named one by one need no showing; nor does a document that says it, unless there is a question about it.
  const shown = request.dryRun ? !json : !request.wanted.ids && !json
  if (process.stderr.isTTY && (mustAsk || shown)) {
    const {bulkPreview} = await import('./bulk-preview.js')
    output.note(await bulkPreview(store, verb, selection))
  }
  const answer = mustAsk ? await confirm(`Go on?`, signal) : 'yes'
  if (answer === 'no') throw notConfirmed(verb, selection.size)
  return answer === 'yes'
}

function notConfirmed(verb: BulkVerb, number: number, hint?: string): TorqueError {
  return new TorqueError(
    'not_confirmed',
    `not confirmed: ${verb} of ${count(number, 'task')}. Nothing was done.`,
    hint ? {hint} : {},
  )
}

async function change(
  store: Store,
  selection: Selection,
  {perSecond, mend}: BulkRequest,
  {verb, json}: BulkContext,
  interrupt: Interrupt,
): Promise<BulkEnd> {
  const progress = new Progress(process.stderr, {enabled: !json})
  const line = progressLine(verb, selection.size)
  const onBatch = ({changed, skipped, failed, matched}: BulkCounts) => {
    const done = changed + skipped + failed
    // One batch is done before anybody could look.
    if (done < matched) progress.update(line(done))
  }
  const outcome = await runBulk(store, verb, selection, {signal: interrupt.signal, onBatch, perSecond, mend})
  progress.end()
  if (outcome.error && outcome.changed === 0) throw outcome.error
  const exitCode = outcome.interrupted ? interrupt.exitCode : outcome.failed > 0 ? 1 : 0
  return end(outcome, selection, {dryRun: false, exitCode, error: outcome.error})
}

interface Ending {
  dryRun: boolean
  exitCode: number
  error?: TorqueError | null
}

/** An id that names no task counts as one that failed. */
function end(counts: BulkCounts, {missing}: Selection, {dryRun, exitCode, error}: Ending): BulkEnd {
  const {matched, changed, skipped, failed} = counts
  const all = {matched: matched + missing.length, changed, skipped, failed: failed + missing.length}
  return {
    report: {...all, dryRun, ...error?.toJSON()},
    exitCode: exitCode || (missing.length > 0 ? 3 : 0),
    notes: [...(error ? [`stopped: ${error.message}`] : []), ...missing.slice(0, mostNamed).map((id) => noSuchTask(id).message)],
  }
}

/** Missing ids that are named one by one. */
const mostNamed = 10
