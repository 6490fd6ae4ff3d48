import type {FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'
import {knownQueue} from '../queue/find-tasks.js'
import {laneView, queueView} from '../queue/queue-view.js'
import type {Store} from '../queue/store.js'
import {type Member, readObject} from '../task/json-text.js'
import {parsePause} from '../task/parse-pause.js'
import {parseQueueName} from '../task/queue-name.js'
import {parseSettings} from '../task/queue-settings.js'
import {quote} from '../task/quote.js'
import {type Answer, json} from './answer.js'
import {bodyKind, bodyText} from './body.js'
import {Query} from './query.js'
import type {Route} from './route.js'

/** Queues at run time: their settings, their pauses, and the lanes that something holds back. */
export function queueRoutes({store}: {store: Store}): Route[] {
  return [
    {method: 'GET', path: '/queues', handle: (request) => list(store, request)},
    {method: 'GET', path: '/queues/:name', handle: async (request) => show(store, await known(store, request))},
    {method: 'PUT', path: '/queues/:name', handle: (request) => put(store, request)},
    {method: 'POST', path: '/queues/:name/pause', handle: (request) => pause(store, request)},
    {method: 'POST', path: '/queues/:name/resume', handle: (request) => resume(store, request)},
    {method: 'GET', path: '/queues/:name/lanes', handle: (request) => lanes(store, request)},
    {method: 'POST', path: '/queues/:name/lanes/reset', handle: (request) => resetLane(store, request)},
  ]
}

async function list(store: Store, request: FastifyRequest): Promise<Answer> {
  new Query(request, [])
  return json(200, {queues: (await store.limits.queues()).map(queueView)})
}

async function show(store: Store, name: string): Promise<Answer> {
  return json(200, queueView((await store.limits.queues(name))[0]!))
}

/** What is not named stays as it is; null takes a setting away. The queue need not be known. */
async function put(store: Store, request: FastifyRequest): Promise<Answer> {
  const name = parseQueueName(nameOf(request))
  const change = parseSettings(readBody(request).map(({key, value}) => [key, valueText({key, value})] as const))
  await store.queue(name).configure(change)
  return show(store, name)
}

async function pause(store: Store, request: FastifyRequest): Promise<Answer> {
  const fields = readFields(request, ['for', 'reason'])
  const name = await known(store, request)
  await store.queue(name).pause(parsePause({for: fields.get('for'), reason: fields.get('reason')}))
  return show(store, name)
}

async function resume(store: Store, request: FastifyRequest): Promise<Answer> {
  readFields(request, [])
  const name = await known(store, request)
  await store.queue(name).resume()
  return show(store, name)
}

async function lanes(store: Store, request: FastifyRequest): Promise<Answer> {
  return json(200, {lanes: (await store.limits.lanes(await known(store, request))).map(laneView)})
}

async function resetLane(store: Store, request: FastifyRequest): Promise<Answer> {
  const flowKey = readFields(request, ['flowKey']).get('flowKey')
  if (flowKey === undefined)
    throw new TorqueError('invalid_flow_key', 'flowKey is missing: the lane to reset', {field: 'flowKey'})
  const queue = await known(store, request)
  const [reset] = await store.queue(queue).resetLanes([flowKey])
  if (reset === undefined) throw new TorqueError('no_such_lane', `no lane ${quote(flowKey)} is in trouble`, {field: 'flowKey'})
  return json(200, {queue, flowKey, reset: true})
}

async function known(store: Store, request: FastifyRequest): Promise<string> {
  new Query(request, [])
  return knownQueue(store, nameOf(request))
}

function nameOf({params}: FastifyRequest): string {
  return (params as {name: string}).name
}

/** A JSON object; none where there is no body. */
function readBody(request: FastifyRequest): readonly Member[] {
  new Query(request, [])
  const text = bodyText(request.body)
  if (text === '') return []
  bodyKind(request.headers, ['json'])
  return readObject(text)
}

function readFields(request: FastifyRequest, names: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (const member of readBody(request)) {
    if (!names.includes(member.key)) throw unknownField(member.key, names)
    const text = valueText(member)
    if (text !== null) fields.set(member.key, text)
  }
  return fields
}

/** The text of a string or a number, and of a list of them, as one is written after a flag; null for null. */
function valueText({key, value}: Member): string | null {
  if (value.kind === 'null') return null
  if (value.kind === 'string') return value.value.trim()
  if (value.kind === 'number') return value.text
  if (value.kind === 'array') return value.items.map((item) => valueText({key, value: item}) ?? '').join(',')
  throw new TorqueError('invalid_setting', `${key} must be a string or a number, not ${quote(value.text)}`, {field: key})
}

function unknownField(field: string, names: readonly string[]): TorqueError {
  const takes = names.length > 0 ? `it takes ${names.join(', ')}` : 'it takes none'
  return new TorqueError('unknown_field', `there is no field ${quote(field)} here: ${takes}`, {field})
}
