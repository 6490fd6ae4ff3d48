import type {IncomingMessage} from 'node:http'
import type {FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'
import {type AddDoor, type AddOutcome, type AllowedQueues, addTask, addTasks} from '../queue/add-tasks.js'
import type {AddResult} from '../queue/queue.js'
import {splitItems} from '../task/json-items.js'
import {type TaskFields, fieldsFromJson} from '../task/fields.js'
import {addText} from './add-text.js'
import {type Answer, ndjsonType} from './answer.js'
import {bodyKind, bodyText} from './body.js'
import {batchLimit, bodyLimits} from './limits.js'
import {Query} from './query.js'
import type {Route} from './route.js'
import {splitLines} from './split-lines.js'
import {keyField, readTaskFields, withKey, withTraceOf} from './task-fields.js'

export interface AddRoutesOptions extends AddDoor {
  /** The queues that whoever sent a request may add to. */
  queuesOf: (request: IncomingMessage) => AllowedQueues
}

/** The ways in: the seed's own, the name it had in the original's later versions, and one for JSON. */
export function addRoutes(door: AddRoutesOptions): Route[] {
  const addHook = (request: FastifyRequest) => addTask(door, readTaskFields(request), door.queuesOf(request.raw)).then(added)
  return [
    {method: 'POST', path: '/hooks/add', handle: addHook},
    {method: 'POST', path: '/add_task', handle: addHook},
    {method: 'POST', path: '/tasks', bodyLimit: bodyLimits.batch, handle: (request) => addJson(door, request)},
  ]
}

function added(result: AddResult): Answer {
  return {status: 200, body: addText(result)}
}

async function addJson(door: AddRoutesOptions, request: FastifyRequest): Promise<Answer> {
  new Query(request, [])
  const kind = bodyKind(request.headers, ['json', 'ndjson'])
  const text = bodyText(request.body)
  if (kind === 'ndjson') return ndjsonAnswer(await addMany(door, request, splitLines(text, {maxLines: batchLimit})))
  if (/^\s*\[/.test(text)) return arrayAnswer(await addMany(door, request, splitItems(text, {maxItems: batchLimit})))
  return created(await addTask(door, withTraceOf(request, withKey(readOne(text), keyField(request))), door.queuesOf(request.raw)))
}

/** What was there already was not created, but has the same place. */
function created(result: AddResult): Answer {
  const query = result.queue === 'default' ? '' : `?queue=${result.queue}`
  const headers = {location: `/tasks/${result.id}${query}`}
  return {status: result.duplicate || result.replaced ? 200 : 201, body: addText(result), headers}
}

async function addMany(door: AddRoutesOptions, request: FastifyRequest, texts: string[]): Promise<AddOutcome[]> {
  if (keyField(request).idempotencyKey === undefined)
    return addTasks(door, texts, {read: (each) => withTraceOf(request, readOne(each)), queues: door.queuesOf(request.raw)})
  throw new TorqueError('invalid_idempotency_key', 'Idempotency-Key is for one task: give each of a batch its own idempotencyKey')
}

/** A batch may be larger, but not a task in it. */
function readOne(text: string): TaskFields {
  if (Buffer.byteLength(text) <= bodyLimits.single) return fieldsFromJson(text)
  throw new TorqueError('too_large', `a task is at most ${bodyLimits.single} bytes`)
}

function arrayAnswer(outcomes: AddOutcome[]): Answer {
  return {status: 200, body: `[${outcomes.map(resultText).join(',')}]`}
}

function ndjsonAnswer(outcomes: AddOutcome[]): Answer {
  return {
    status: 200,
    body: outcomes.map((outcome, index) => `${resultText(outcome, index)}\n`).join(''),
    headers: {'content-type': ndjsonType},
  }
}

/** As for a task added alone; an error is named by the place of its task, counted from 0. */
function resultText(outcome: AddOutcome, index: number): string {
  return outcome instanceof TorqueError ? JSON.stringify({index, ...outcome.toJSON()}) : addText(outcome)
}
