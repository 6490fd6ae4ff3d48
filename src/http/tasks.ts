import type {FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'
import {type BulkVerb, runBulk} from '../queue/bulk.js'
import {effectivePolicy, fullTaskView} from '../queue/effective-policy.js'
import {findTask, knownQueue, noSuchTask} from '../queue/find-tasks.js'
import {readWhy} from '../queue/read-why.js'
import {Selection} from '../queue/selection.js'
import type {Store} from '../queue/store.js'
import {filterNames, parseFilter} from '../task/parse-filter.js'
import {stringifyJson} from '../task/raw-json.js'
import type {TaskState} from '../task/task.js'
import {taskView} from '../task/view.js'
import {type Answer, json} from './answer.js'
import {readLimit} from './limit.js'
import {Query} from './query.js'
import type {Route} from './route.js'

const pageLimit = {default: 50, most: 1000}

/** What one request may go over to find what its filter means: some tenths of a second. The cursor goes on from there. */
const mostScanned = 20_000

/** Reading tasks, and the verbs on one. */
export function taskRoutes({store}: {store: Store}): Route[] {
  return [
    {method: 'GET', path: '/tasks', handle: (request) => listTasks(store, request)},
    {method: 'GET', path: '/tasks/:id', handle: (request) => showTask(store, request)},
    {
      method: 'GET',
      path: '/tasks/:id/why',
      handle: async (request) => json(200, await readWhy(store, await named(store, request))),
    },
    {method: 'DELETE', path: '/tasks/:id', handle: (request) => changeTask(store, 'purge', request)},
    {method: 'POST', path: '/tasks/:id/retry', handle: (request) => changeTask(store, 'retry', request)},
  ]
}

async function listTasks(store: Store, request: FastifyRequest): Promise<Answer> {
  const query = new Query(request, [...filterNames, 'queue', 'limit', 'cursor'])
  const limit = readLimit(query.get('limit') ?? String(pageLimit.default), pageLimit.most)
  const filter = parseFilter(Object.fromEntries(filterNames.map((name) => [name, query.all(name)])))
  const queue = await knownQueue(store, query.get('queue'))
  const [{records, cursor}, limits] = await Promise.all([
    store.inspector.page({queue, filter, limit, cursor: query.get('cursor'), mostScanned}),
    store.inspector.limits(),
  ])
  return {status: 200, body: stringifyJson({tasks: records.map((record) => taskView(record, limits)), cursor})}
}

async function showTask(store: Store, request: FastifyRequest): Promise<Answer> {
  const record = await named(store, request)
  return {status: 200, body: stringifyJson(fullTaskView(record, await effectivePolicy(store, record)))}
}

/** One task is named for a purpose: any state may be purged, and one that cannot be revived is an error. */
async function changeTask(store: Store, verb: BulkVerb, request: FastifyRequest): Promise<Answer> {
  const {task, queue, state} = await named(store, request)
  const selection = new Selection(null)
  selection.add({id: task.id, queue, state, ageFrom: null})
  const outcome = await runBulk(store, verb, selection)
  if (outcome.error) throw outcome.error
  if (outcome.skipped > 0) throw verb === 'purge' ? noSuchTask(task.id) : notRevivable(task.id, state)
  const {matched, changed, skipped, failed} = outcome
  return json(200, {matched, changed, skipped, failed, dryRun: false})
}

async function named(store: Store, request: FastifyRequest) {
  const {id} = request.params as {id: string}
  return findTask(store, id, await knownQueue(store, new Query(request, ['queue']).get('queue')))
}

function notRevivable(id: string, state: TaskState): TorqueError {
  return new TorqueError('conflict', `task ${id} is ${state}: only a dead, retrying or scheduled one can be retried`, {id})
}
