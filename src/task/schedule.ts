import {TorqueError} from '../errors.js'
import {meantHint} from '../suggest.js'
import {parseDuration} from './duration.js'
import {type TaskFieldName, type TaskFields, invalidField} from './fields.js'
import {type NewTaskOptions, newTask} from './new-task.js'
import {quote} from './quote.js'
import type {NewTask} from './task.js'
import {type Ticking, lastTick, nextTick, parseCron} from './ticks.js'

export const catchUps = ['one', 'all', 'none'] as const
export const overlaps = ['allow', 'skip'] as const

/** A recurring task. Its name is its own within its queue. */
export interface Schedule {
  name: string
  queue: string
  ticking: Ticking
  /** What becomes of ticks that nobody was there for: one task for all of them, a task for each, or none. */
  catchUp: (typeof catchUps)[number]
  /** Whether a tick adds its task while the task of the one before has not ended. */
  overlap: (typeof overlaps)[number]
  paused: boolean
  /** The fields of its tasks, as they were given, with the URL made absolute. */
  task: TaskFields
}

/** A schedule and where it stands. Instants are ms since the epoch. */
export interface ScheduleRecord {
  schedule: Schedule
  /** The tick it waits for; null: it is paused, or no further one comes. */
  nextAt: number | null
  /** Its last tick that added a task, and that task's id. */
  lastAt: number | null
  lastId: string | null
  /** How many tasks it has added, and how many ticks it has let pass. */
  added: number
  skipped: number
}

/** What was asked for, as text, not yet checked. */
export interface ScheduleFields {
  cron?: string | undefined
  tz?: string | undefined
  every?: string | undefined
  catchUp?: string | undefined
  overlap?: string | undefined
}

/** A task's id is this name and its tick. */
const namePattern = /^[a-z0-9][a-z0-9_-]{0,49}$/

const [minEveryMs, maxEveryMs] = [1000, 366 * 86_400_000]

/** A tick that is later than this was missed: nobody was there for it. */
const graceMs = 60_000

/** What a tick decides for its task itself. */
const decidedByTick: readonly TaskFieldName[] = [
  'id',
  'idempotencyKey',
  'unique',
  'replace',
  'delay',
  'at',
  'traceparent',
  'tracestate',
]

/** Makes a schedule of fields as they came in, or throws the error of the first bad one. `now`, ms since the epoch, is where `every` counts from. */
export function newSchedule(
  name: string,
  fields: ScheduleFields,
  task: TaskFields,
  {now, ...options}: NewTaskOptions & {now: number},
): Schedule {
  const refused = decidedByTick.find((field) => task[field])
  if (refused) invalidField(refused, 'is not for a schedule: each tick decides it for its task')
  const {url, queue} = newTask(task, {now, ...options})
  return {
    name: parseScheduleName(name),
    queue,
    ticking: parseTicking(fields, now),
    catchUp: oneOf('catchUp', catchUps, fields.catchUp ?? 'one'),
    overlap: oneOf('overlap', overlaps, fields.overlap ?? 'allow'),
    paused: false,
    task: {...task, queue, url},
  }
}

/** Throws `invalid_schedule`. */
export function parseScheduleName(name: string): string {
  return namePattern.test(name)
    ? name
    : invalid('name', `${quote(name)} is not 1 to 50 of a-z, 0-9, _ and -, a letter or digit first`)
}

/** When: exactly one of `cron` (with `tz`, UTC where there is none) and `every`. */
export function parseTicking({cron, tz, every}: ScheduleFields, now: number): Ticking {
  if (cron && every) invalid('cron', 'and every exclude each other')
  if (cron) return parseCron(cron, tz || 'UTC', now)
  if (!every) invalid('cron', 'or every is needed: it says when')
  if (tz) invalid('tz', 'goes with cron: the ticks of every are the same in all zones')
  const everyMs = parseDuration(every, {code: 'invalid_schedule', field: 'every'})
  if (everyMs < minEveryMs || everyMs > maxEveryMs) invalid('every', `${quote(every)} is not between 1s and 366d`)
  return {everyMs, from: now}
}

function oneOf<Value extends string>(field: string, values: readonly Value[], text: string): Value {
  return (
    values.find((value) => value === text) ??
    invalid(field, `${quote(text)} is not one of ${values.join(', ')}`, meantHint(text, values))
  )
}

/** What a due tick leads to: the tick whose task is added, null for none, and the tick that the schedule waits for then. */
export interface Tick {
  add: number | null
  next: number | null
}

/** Decides what a schedule does at `now` about the tick it has waited for, which is due. */
export function tickAt({ticking, catchUp}: Schedule, due: number, now: number): Tick {
  if (catchUp === 'all') return {add: due, next: nextTick(ticking, due)}
  const last = lastTick(ticking, due, now)
  const add = catchUp === 'one' || now - last <= graceMs ? last : null
  return {add, next: nextTick(ticking, Math.max(last, now))}
}

/** The task of a tick. Its id says which: the same, whoever adds it. */
export function taskOf({name, task}: Schedule, tick: number): NewTask {
  return {...newTask({...task, id: tickId(name, tick)}), due: {at: tick}, dedupKeys: [], fingerprint: ''}
}

/** The id of a tick's task: `nightly-mwtqtj7i`. */
export function tickId(name: string, tick: number): string {
  return `${name}-${tick.toString(36)}`
}

/** The name in the id of a tick's task; undefined for what is none. */
export function scheduleOfId(id: string): string | undefined {
  const name = /^(.+)-[0-9a-z]{8}$/.exec(id)?.[1]
  return name !== undefined && namePattern.test(name) ? name : undefined
}

function invalid(field: string, what: string, details: {hint?: string} = {}): never {
  throw new TorqueError('invalid_schedule', `${field} ${what}`, {field, ...details})
}
