import {canonicalText, readValue} from './json-text.js'
import type {Limits} from './limits.js'
import {type OwnPolicy, policyNames, saysNothing} from './policy.js'
import {RawJson} from './raw-json.js'
import type {Attempt, Method, OutcomeCode, Payload, Run, Task, TaskRecord, TaskState} from './task.js'

export interface AttemptView extends Omit<Attempt, 'startedAt'> {
  startedAt: string | null
}

/** A task as users see it, over HTTP and with `--json`. Print it with `stringifyJson`: `params` and `json` are as they came. */
export interface TaskView {
  id: string
  queue: string
  state: TaskState
  url: string
  method: Method
  params?: RawJson
  json?: RawJson
  body?: string
  contentType?: string
  headers: Record<string, string>
  flowKey: string
  createdAt: string
  dueAt: string | null
  endedAt: string | null
  leaseEndsAt?: string
  attempt: number
  errors: number
  lostLeases: number
  maxErrors: number
  timeoutMs: number
  /** Only what the task says itself: what it leaves out is decided when an attempt has ended. */
  minBackoffMs?: number
  maxBackoffMs?: number
  factor?: number
  waitsMs?: readonly number[]
  maxAgeMs?: number
  noRetry?: string
  success?: string
  onDelivered?: string
  onDead?: string
  lastError: {code: OutcomeCode; status: number | null; message: string | null} | null
  attempts?: AttemptView[]
}

/** The wire form of a task. `attempts` adds its history. */
export function taskView(record: TaskRecord, limits: Limits, {attempts = false}: {attempts?: boolean} = {}): TaskView {
  const {task, queue, state, run, dueAt, endedAt, leaseEndsAt} = record
  return {
    id: task.id,
    queue,
    state,
    url: task.url,
    method: task.method,
    ...payloadView(task.payload),
    headers: task.headers,
    flowKey: task.flowKey,
    createdAt: isoInstant(task.createdAt) ?? '',
    dueAt: isoInstant(dueAt),
    endedAt: isoInstant(endedAt),
    ...(leaseEndsAt !== null && {leaseEndsAt: isoInstant(leaseEndsAt) ?? ''}),
    attempt: run.attempts + (state === 'active' ? 1 : 0),
    errors: run.errors,
    lostLeases: run.lostLeases,
    maxErrors: task.maxErrors ?? limits.maxErrors,
    timeoutMs: task.timeoutMs ?? limits.timeoutMs,
    ...ownPolicyView(task),
    lastError: lastError(run),
    ...(attempts && {attempts: run.history.map(attemptView)}),
  }
}

function ownPolicyView(task: Task): OwnPolicy {
  if (saysNothing(task)) return {}
  return Object.fromEntries(policyNames.flatMap((name) => (task[name] === undefined ? [] : [[name, task[name]]])))
}

function payloadView(payload: Payload): Pick<TaskView, 'params' | 'json' | 'body' | 'contentType'> {
  if (payload.kind === 'json') return {json: oneLine(payload.text)}
  if (payload.kind === 'body') return {body: payload.text, contentType: payload.contentType}
  return {params: oneLine(payload.kind === 'params' ? payload.text : '{}')}
}

/** As it came, but for line breaks between its parts: a task must stay one line of NDJSON. */
function oneLine(text: string): RawJson {
  return new RawJson(/[\n\r]/.test(text) ? canonicalText(readValue(text, {maxKeys: Infinity})) : text)
}

function lastError({history}: Run): TaskView['lastError'] {
  const failed = history.findLast(({error}) => error !== null)
  return failed?.error ? {code: failed.error, status: failed.status, message: failed.message} : null
}

function attemptView(attempt: Attempt): AttemptView {
  return {...attempt, startedAt: isoInstant(attempt.startedAt)}
}

/** ISO 8601, UTC, with milliseconds. */
export function isoInstant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

/** The answer to an add: the same at the endpoint, on the command line and in the client. */
export interface AddView {
  id: string
  queue: string
  state: TaskState
  dueAt: string | null
  /** The same had been added before, and nothing was added. */
  duplicate: boolean
  /** A waiting task with the same key has taken its content and due time: it has that one's id. */
  replaced?: true
}

export function addView(result: Omit<AddView, 'dueAt'> & {dueAt: number | null}): AddView {
  const {id, queue, state, dueAt, duplicate, replaced} = result
  return {id, queue, state, dueAt: isoInstant(dueAt), duplicate, ...(replaced && {replaced})}
}
