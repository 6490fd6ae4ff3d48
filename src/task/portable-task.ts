import {TorqueError} from '../errors.js'
import {type TaskFields, fieldsFromObject} from './fields.js'
import {type JsonValue, type Member, readObject} from './json-text.js'
import {type NewTaskOptions, newTask} from './new-task.js'
import {policyNames, saysNothing} from './policy.js'
import {readPortableRun} from './portable-run.js'
import {quote} from './quote.js'
import {RawJson} from './raw-json.js'
import {type NewTask, type Payload, type Run, type TaskRecord, type TaskState, newRun, taskStates} from './task.js'
import {isoInstant} from './view.js'

/** The form of these lines. Another form takes another number. */
const version = 1

/** What a task's idempotency key and id are known by, as its dedup entries have it. */
export interface PortableDedup {
  keys: readonly string[]
  fingerprint: string
}

/** A task as it comes in from a file: what it is, and where it stood. */
export interface PortableTask {
  task: NewTask
  createdAt: number
  state: Exclude<TaskState, 'active' | 'scheduled'>
  /** When it is due, or when it ended. */
  at: number
  run: Run
}

/**
 * A task as a line of `torque export`; print it with `stringifyJson`. An active task is what it will be should nobody settle it:
 * back in its lane when its lease ends.
 */
export function exportTask(
  {task, queue, state, run, dueAt, endedAt, leaseEndsAt}: TaskRecord,
  {dedup, history}: {dedup: PortableDedup | null; history: boolean},
): object {
  const resting = state === 'active' ? (run.errors > 0 ? 'retrying' : 'scheduled') : state
  return {
    torque: version,
    id: task.id,
    queue,
    state: resting,
    url: task.url,
    method: task.method,
    ...portablePayload(task.payload),
    headers: task.headers,
    flowKey: task.flowKey,
    ...(!saysNothing(task) && {policy: Object.fromEntries(policyNames.map((name) => [name, task[name]]))}),
    createdAt: isoInstant(task.createdAt),
    dueAt: isoInstant(dueAt ?? leaseEndsAt),
    endedAt: isoInstant(endedAt),
    attempt: run.attempts,
    errors: run.errors,
    lostLeases: run.lostLeases,
    ...(run.dueSince !== undefined && {dueSince: isoInstant(run.dueSince)}),
    ...(dedup && {dedup}),
    ...(history && {attempts: run.history.map((attempt) => ({...attempt, startedAt: isoInstant(attempt.startedAt)}))}),
  }
}

function portablePayload(payload: Payload): object {
  if (payload.kind === 'none') return {}
  if (payload.kind === 'body') return {body: payload.text, contentType: payload.contentType}
  // What a line of JSON, or a terminal, would not leave as it is goes as a string that holds it.
  return /^[ -~]*$/.test(payload.text) ? {[payload.kind]: new RawJson(payload.text)} : {[`${payload.kind}Text`]: payload.text}
}

/** As an add has it. */
const mostAheadMs = 366 * 86_400_000

/** Fields that are those of an add. */
const taskNames = ['id', 'queue', 'url', 'method', 'params', 'json', 'body', 'contentType', 'headers', 'flowKey']
const textNames = ['paramsText', 'jsonText']
const ownNames = [
  ...textNames,
  'torque',
  'state',
  'policy',
  'createdAt',
  'dueAt',
  'endedAt',
  'attempt',
  'errors',
  'lostLeases',
  'dueSince',
  'dedup',
  'attempts',
]

export interface ImportOptions extends Pick<NewTaskOptions, 'baseTaskUrl' | 'egress' | 'scope'> {
  /** By the clock of Redis. */
  now: number
  /** Put it there, whatever the line says. */
  queue?: string | undefined
  /** As if it were added anew: what waits keeps its due time, what had ended is due now. */
  asNew?: boolean
  /** False: leave its attempts out. */
  history?: boolean
}

/** Reads a line of `torque export`, by the rules of an add. Throws what is wrong with it. */
export function importTask(line: string, {now, queue, asNew = false, history = true, ...rules}: ImportOptions): PortableTask {
  const members = readObject(line, {maxDepth: 40, maxKeys: 110_000})
  const values = new Map(members.map(({key, value}) => [key, value]))
  const unknown = members.find(({key}) => !taskNames.includes(key) && !ownNames.includes(key))
  if (values.get('torque')?.text !== String(version))
    throw invalid('torque', `is not ${version}: the line is of another version, or of something else`)
  if (unknown) throw new TorqueError('unknown_field', `there is no field ${quote(unknown.key)}`, {field: unknown.key})
  if (!values.has('id')) throw invalid('id', 'is missing')
  const state = parseState(values.get('state'))
  const ended = state === 'dead' || state === 'delivered'
  const at = instant(values, ended ? 'endedAt' : 'dueAt')
  const task = newTask(
    {...taskFields(members), ...policyFields(values.get('policy')), ...(queue !== undefined && {queue})},
    {...rules, now},
  )
  if (!ended && at > now + mostAheadMs) throw invalid('dueAt', 'is more than 366 days ahead')
  const known = {...task, due: {at}, dedupKeys: [`${importKey}${task.id}`], fingerprint: noFingerprint}
  if (asNew) return {task: known, createdAt: now, state: 'ready', at: ended ? now : at, run: newRun}
  const run = readPortableRun(values, {history})
  return {
    task: {...known, ...readDedup(values.get('dedup'), known)},
    createdAt: instant(values, 'createdAt'),
    // Of what waits, the errors say which it is: the states of Redis say the same.
    state: ended ? state : run.errors > 0 ? 'retrying' : 'ready',
    at,
    run,
  }
}

/** A task that came from a file is known by this and its id until a day after it ended: the file may come again. */
const importKey = 'm:'
/** What it asked for is not known. An empty fingerprint is that of what expires by itself, and would be kept for ever. */
const noFingerprint = '?'

function taskFields(members: readonly Member[]): TaskFields {
  const texts = members.flatMap(({key, value}): [string, string][] => {
    if (!textNames.includes(key)) return []
    if (value.kind !== 'string') throw invalid(key, 'must be a string that holds JSON')
    return [[key.replace(/Text$/, ''), value.value]]
  })
  return {...fieldsFromObject(members.filter(({key}) => taskNames.includes(key))), ...(Object.fromEntries(texts) as TaskFields)}
}

/** The policy as the fields of an add. */
function policyFields(value: JsonValue | undefined): TaskFields {
  if (value === undefined) return {}
  if (value.kind !== 'object') throw invalid('policy', 'must be an object')
  return fieldsFromObject(
    value.members.map(({key, value: setting}) => {
      if (!(policyNames as readonly string[]).includes(key))
        throw new TorqueError('unknown_field', `there is no policy ${quote(key)}`, {field: 'policy'})
      const text = setting.kind === 'string' ? setting.value : setting.text
      const name = key.replace(/Ms$/, '')
      const lengths = key.endsWith('Ms')
        ? text
            .replace(/[[\]\s]/g, '')
            .split(',')
            .map((ms) => `${ms}ms`)
            .join(',')
        : text || 'none'
      return {key: name, value: {kind: 'string', value: lengths, text: ''}} as const
    }),
  )
}

function readDedup(value: JsonValue | undefined, {id, dedupKeys}: NewTask): Pick<NewTask, 'dedupKeys' | 'fingerprint'> {
  if (value === undefined) return {dedupKeys, fingerprint: noFingerprint}
  const {keys, fingerprint} = (value.kind === 'object' ? JSON.parse(value.text) : {}) as {keys?: unknown; fingerprint?: unknown}
  const isKey = (key: unknown) => typeof key === 'string' && (key === `i:${id}` || /^k:[ -~]{1,255}$/.test(key))
  const isRight =
    Array.isArray(keys) &&
    keys.length <= 2 &&
    keys.every(isKey) &&
    typeof fingerprint === 'string' &&
    /^[\w-]{1,64}$/.test(fingerprint)
  if (!isRight) throw invalid('dedup', 'does not hold the keys and the fingerprint of this task')
  return {dedupKeys: [...new Set([...(keys as string[]), ...dedupKeys])], fingerprint}
}

function parseState(value: JsonValue | undefined): Exclude<TaskState, 'active'> {
  const name = value?.kind === 'string' ? value.value : ''
  const state = taskStates.find((candidate) => candidate === name)
  if (state && state !== 'active') return state
  throw new TorqueError('invalid_state', `state ${quote(name)} is none that a task can be brought back to`, {field: 'state'})
}

function instant(values: ReadonlyMap<string, JsonValue>, name: string): number {
  const value = values.get(name)
  const ms =
    value?.kind === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value.value) ? Date.parse(value.value) : NaN
  if (ms >= 0) return ms
  throw invalid(name, 'is not an instant such as 2026-11-23T17:00:00.000Z')
}

function invalid(field: string, what: string): TorqueError {
  return new TorqueError('invalid_request', `${field} ${what}`, {field})
}
