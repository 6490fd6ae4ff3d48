import type {FastifyReply, FastifyRequest} from 'fastify'
import {type BulkCounts, type BulkVerb, type SelectedTask, runBulk, selectIds} from '../queue/bulk.js'
import {findTasks, knownQueue, noSuchTask} from '../queue/find-tasks.js'
import type {Store} from '../queue/store.js'
import {type Answer, json} from './answer.js'
import {bodyKind, bodyText} from './body.js'
import {type BulkRequest, readBulkRequest} from './bulk-request.js'
import {Query} from './query.js'
import type {Route} from './route.js'

/** Retrying and purging many tasks: by ids, or all that match a filter. */
export function bulkRoutes({store}: {store: Store}): Route[] {
  const route = (verb: BulkVerb): Route => ({
    method: 'POST',
    path: `/tasks/${verb}`,
    handle: (request, reply) => bulk(store, verb, request, reply),
  })
  return [route('retry'), route('purge')]
}

async function bulk(store: Store, verb: BulkVerb, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const wanted = readRequest(verb, request)
  const {tasks, missing} = await freeze(store, wanted)
  if (wanted.dryRun) return report({matched: tasks.length, changed: 0, skipped: 0, failed: 0}, missing, {dryRun: true})
  const outcome = await runBulk(store, verb, tasks, {states: wanted.states, signal: goneSignal(reply)})
  if (outcome.error && outcome.changed === 0) throw outcome.error
  return report(outcome, missing, {dryRun: false, ...outcome.error?.toJSON()})
}

function readRequest(verb: BulkVerb, request: FastifyRequest): BulkRequest {
  new Query(request, [])
  bodyKind(request.headers, ['json'])
  return readBulkRequest(verb, bodyText(request.body))
}

/** What the verb is about, fixed before anything changes. */
async function freeze(store: Store, {ids, queue, ...filter}: BulkRequest): Promise<{tasks: SelectedTask[]; missing: number}> {
  if (!ids) return {tasks: await selectIds(store, {...filter, queue: await knownQueue(store, queue ?? 'default')}), missing: 0}
  const {tasks, missing} = await findTasks(store, ids, await knownQueue(store, queue))
  if (tasks.length === 0 && missing[0] !== undefined) throw noSuchTask(missing[0])
  return {tasks, missing: missing.length}
}

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
