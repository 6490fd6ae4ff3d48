import type {FastifyReply, FastifyRequest} from 'fastify'
import {type BulkCounts, type BulkVerb, runBulk} from '../queue/bulk.js'
import {freeze} from '../queue/selection.js'
import type {Store} from '../queue/store.js'
import {type Answer, json} from './answer.js'
import {bodyKind, bodyText} from './body.js'
import {type TaskRules, readBulkRequest} from './bulk-request.js'
import {Query} from './query.js'
import type {Route} from './route.js'

export interface BulkOptions extends TaskRules {
  store: Store
}

/** Retrying and purging many tasks: by ids, or all that match a filter. */
export function bulkRoutes(options: BulkOptions): Route[] {
  const route = (verb: BulkVerb): Route => ({
    method: 'POST',
    path: `/tasks/${verb}`,
    handle: (request, reply) => bulk(options, verb, request, reply),
  })
  return [route('retry'), route('purge')]
}

async function bulk(
  {store, ...rules}: BulkOptions,
  verb: BulkVerb,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  new Query(request, [])
  bodyKind(request.headers, ['json'])
  const {wanted, dryRun, mend} = readBulkRequest(verb, bodyText(request.body), rules)
  const signal = goneSignal(reply)
  const selection = await freeze(store, verb, wanted, {signal})
  const missing = selection.missing.length
  if (dryRun || selection.interrupted) return report({...nothingDone, matched: selection.size}, missing, {dryRun})
  const outcome = await runBulk(store, verb, selection, {signal, mend})
  if (outcome.error && outcome.changed === 0) throw outcome.error
  return report(outcome, missing, {dryRun, ...outcome.error?.toJSON()})
}

const nothingDone = {changed: 0, skipped: 0, failed: 0}

/** Aborted when the client goes away: what is done by then stays done. */
function goneSignal({raw}: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  return gone.signal
}

/** An id that names no task counts as one that failed. */
function report(
  {matched, changed, skipped, failed}: BulkCounts,
  missing: number,
  rest: {dryRun: boolean; error?: unknown},
): Answer {
  return json(200, {matched: matched + missing, changed, skipped, failed: failed + missing, ...rest})
}
