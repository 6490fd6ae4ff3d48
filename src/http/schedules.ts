import type {FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'
import {findSchedule, listSchedules, noSuchSchedule} from '../queue/find-schedules.js'
import {knownQueue} from '../queue/find-tasks.js'
import {Schedules} from '../queue/schedules.js'
import type {Store} from '../queue/store.js'
import {fieldsFromObject} from '../task/fields.js'
import {type Member, readObject} from '../task/json-text.js'
import type {NewTaskOptions} from '../task/new-task.js'
import {quote} from '../task/quote.js'
import {stringifyJson} from '../task/raw-json.js'
import {type ScheduleFields, type ScheduleRecord, newSchedule} from '../task/schedule.js'
import {scheduleView} from '../task/schedule-view.js'
import {nextTicks} from '../task/ticks.js'
import {isoInstant} from '../task/view.js'
import {type Answer, json} from './answer.js'
import {bodyKind, bodyText} from './body.js'
import {readLimit} from './limit.js'
import {Query} from './query.js'
import type {Route} from './route.js'

export interface ScheduleDoor extends Pick<NewTaskOptions, 'baseTaskUrl' | 'egress' | 'scope'> {
  store: Store
}

const scheduleFields = ['cron', 'tz', 'every', 'catchUp', 'overlap'] as const
const nextCount = {default: 5, most: 1000}

/** Recurring tasks. */
export function scheduleRoutes(door: ScheduleDoor): Route[] {
  const {store} = door
  const one = (request: FastifyRequest) => named(store, request)
  return [
    {method: 'GET', path: '/schedules', handle: (request) => list(store, request)},
    {method: 'PUT', path: '/schedules/:name', handle: (request) => put(door, request)},
    {method: 'GET', path: '/schedules/:name', handle: async (request) => answer(await one(request))},
    {method: 'DELETE', path: '/schedules/:name', handle: (request) => remove(store, request)},
    {method: 'POST', path: '/schedules/:name/pause', handle: (request) => pause(store, request, true)},
    {method: 'POST', path: '/schedules/:name/resume', handle: (request) => pause(store, request, false)},
    {method: 'GET', path: '/schedules/:name/next', handle: (request) => next(store, request)},
  ]
}

function answer(record: ScheduleRecord): Answer {
  return {status: 200, body: stringifyJson(scheduleView(record))}
}

async function list(store: Store, request: FastifyRequest): Promise<Answer> {
  const queue = await knownQueue(store, new Query(request, ['queue']).get('queue'))
  const schedules = (await listSchedules(store, queue)).map(scheduleView)
  return {status: 200, body: stringifyJson({schedules})}
}

async function put({store, ...options}: ScheduleDoor, request: FastifyRequest): Promise<Answer> {
  new Query(request, [])
  bodyKind(request.headers, ['json'])
  // The room of a task, whose payload may be at its own limits.
  const {fields, task} = readFields(readObject(bodyText(request.body), {maxDepth: 41, maxKeys: 101_000}))
  const schedule = newSchedule(nameOf(request), fields, task, {...options, now: await store.now()})
  return answer(await new Schedules(store, schedule.queue).put(schedule))
}

function readFields(members: readonly Member[]) {
  const fields: ScheduleFields = {}
  let [queue, task]: (Member | undefined)[] = []
  for (const member of members) {
    const name = scheduleFields.find((known) => known === member.key)
    if (name) fields[name] = textOf(member)
    else if (member.key === 'queue') queue = member
    else if (member.key === 'task') task = member
    else throw unknownField(member.key)
  }
  if (task?.value.kind !== 'object') throw wrongType('task', 'an object: the fields of its tasks')
  return {fields, task: {...fieldsFromObject(task.value.members), ...(queue && {queue: textOf(queue)})}}
}

function textOf({key, value}: Member): string | undefined {
  if (value.kind === 'null') return undefined
  if (value.kind === 'number') return value.text
  if (value.kind === 'string') return value.value.trim()
  throw wrongType(key, 'a string')
}

async function remove(store: Store, request: FastifyRequest): Promise<Answer> {
  const record = await named(store, request)
  const {name, queue} = record.schedule
  if (!(await new Schedules(store, queue).remove(name))) throw noSuchSchedule(name)
  return answer(record)
}

async function pause(store: Store, request: FastifyRequest, paused: boolean): Promise<Answer> {
  const {name, queue} = (await named(store, request)).schedule
  const record = await new Schedules(store, queue).pause(name, paused)
  if (!record) throw noSuchSchedule(name)
  return answer(record)
}

async function next(store: Store, request: FastifyRequest): Promise<Answer> {
  const query = new Query(request, ['queue', 'limit'])
  const limit = readLimit(query.get('limit') ?? String(nextCount.default), nextCount.most)
  const {schedule} = await findSchedule(store, nameOf(request), await knownQueue(store, query.get('queue')))
  const ticks = nextTicks(schedule.ticking, await store.now(), limit)
  return json(200, {name: schedule.name, queue: schedule.queue, ticks: ticks.map(isoInstant)})
}

async function named(store: Store, request: FastifyRequest): Promise<ScheduleRecord> {
  return findSchedule(store, nameOf(request), await knownQueue(store, new Query(request, ['queue']).get('queue')))
}

function nameOf({params}: FastifyRequest): string {
  return (params as {name: string}).name
}

function unknownField(key: string): TorqueError {
  const known = [...scheduleFields, 'queue', 'task'].join(', ')
  return new TorqueError('unknown_field', `there is no field ${quote(key)}: it takes ${known}`, {field: key})
}

function wrongType(field: string, wanted: string): TorqueError {
  return new TorqueError('invalid_schedule', `${field} must be ${wanted}`, {field})
}
