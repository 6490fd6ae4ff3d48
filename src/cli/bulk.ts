import {TorqueError} from '../errors.js'
import {type BulkCounts, type BulkVerb, runBulk, type SelectedTask, selectIds} from '../queue/bulk.js'
import {type FoundTasks, findTasks, knownQueue, noSuchTask} from '../queue/find-tasks.js'
import type {Store} from '../queue/store.js'
import type {BulkRequest} from './bulk-request.js'
import {canAsk, confirm} from './confirm.js'
import {count} from './format.js'
import {Interrupt} from './interrupt.js'
import type {Output} from './output.js'
import {Progress} from './progress.js'

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

/** Carries out a bulk verb: freezes the selection, asks where it must, changes batch by batch and counts. */
export async function bulk(store: Store, request: BulkRequest, context: BulkContext): Promise<BulkEnd> {
  const frozen = await freeze(store, request)
  if (frozen.tasks.length > 0) await present(store, frozen.tasks, request, context)
  if (request.dryRun) return end({...nothingDone, matched: frozen.tasks.length}, frozen, {dryRun: true, exitCode: 0})
  return change(store, frozen, request, context)
}

const nothingDone: BulkCounts = {matched: 0, changed: 0, skipped: 0, failed: 0}

async function freeze(store: Store, request: BulkRequest): Promise<FoundTasks> {
  const {ids, states, olderThanMs, limit} = request
  if (ids === null) {
    const queue = await knownQueue(store, request.queue ?? 'default')
    return {tasks: await selectIds(store, {queue, states, olderThanMs, limit}), missing: []}
  }
  const named = await findTasks(store, ids, await knownQueue(store, request.queue))
  const [first] = named.missing
  if (named.tasks.length === 0 && first !== undefined) throw noneExists(named.missing, first)
  return named
}

function noneExists(missing: readonly string[], first: string): TorqueError {
  return missing.length === 1
    ? noSuchTask(first)
    : new TorqueError('no_such_task', `none of the ${missing.length} ids is a task's`)
}

/** Shows what is about to happen where somebody sees it, and asks unless that was said. Throws `not_confirmed` where nobody said yes. */
async function present(
  store: Store,
  tasks: SelectedTask[],
  request: BulkRequest,
  {verb, output, json}: BulkContext,
): Promise<void> {
  const mustAsk = !request.dryRun && !request.confirmed
  if (mustAsk && !canAsk()) throw notConfirmed(verb, tasks.length, 'Add --yes to do it without being asked.')
  // Tasks that were named one by one need no showing; nor does a document that says it, unless there is a question about it.
  const shown = request.dryRun ? !json : request.ids === null && !json
  if (process.stderr.isTTY && (mustAsk || shown)) {
    const {bulkPreview} = await import('./bulk-preview.js')
    output.note(await bulkPreview(store, verb, tasks))
  }
  if (mustAsk && !(await confirm(`Go on?`))) throw notConfirmed(verb, tasks.length)
}

function notConfirmed(verb: BulkVerb, number: number, hint?: string): TorqueError {
  return new TorqueError(
    'not_confirmed',
    `not confirmed: ${verb} of ${count(number, 'task')}. Nothing was done.`,
    hint ? {hint} : {},
  )
}

async function change(store: Store, frozen: FoundTasks, {states}: BulkRequest, {verb, json}: BulkContext): Promise<BulkEnd> {
  const interrupt = new Interrupt()
  const progress = new Progress(process.stderr, {enabled: !json})
  const onBatch = ({changed, skipped, matched}: BulkCounts) => {
    // One batch is done before anybody could look.
    if (changed + skipped < matched) progress.update(`${verb}: ${changed + skipped} of ${matched}`)
  }
  const outcome = await runBulk(store, verb, frozen.tasks, {states, signal: interrupt.signal, onBatch})
  progress.end()
  interrupt.stop()
  if (outcome.error && outcome.changed === 0) throw outcome.error
  const exitCode = outcome.interrupted ? interrupt.exitCode : outcome.failed > 0 ? 1 : 0
  return end(outcome, frozen, {dryRun: false, exitCode, error: outcome.error})
}

interface Ending {
  dryRun: boolean
  exitCode: number
  error?: TorqueError | null
}

/** An id that names no task counts as one that failed. */
function end(counts: BulkCounts, {missing}: FoundTasks, {dryRun, exitCode, error}: Ending): BulkEnd {
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
