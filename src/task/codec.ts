import {type Attempt, type Method, type NewTask, type OutcomeCode, type Payload, type Run, type Task, newRun} from './task.js'

/**
 * A task in Redis is one string of lines, small to store and cheap to read:
 *
 *     <createdAt>[\t<dedup key>]…      added by the script, from the time of Redis
 *     1<kind>                          version 1; kind n(one), p(arams), j(son) or b(ody)
 *     <url>
 *     <extras>                         empty, or JSON of what differs from the defaults
 *     <payload text>                   to the end, as its producer wrote it
 */
const version = '1'

const kinds = {none: 'n', params: 'p', json: 'j', body: 'b'} as const

/** Short names: they are stored with every task that has them. */
interface Extras {
  /** method */ m?: Method
  /** headers */ h?: Record<string, string>
  /** flowKey */ f?: string
  /** timeoutMs */ t?: number
  /** maxErrors */ e?: number
  /** contentType */ c?: string
}

/** The lines of a task that its producer decides; the script puts the first line before them. */
export function encodeTask(task: Omit<NewTask, 'createdAt'>): string {
  const {payload, url} = task
  const text = payload.kind === 'none' ? '' : payload.text
  return `${version}${kinds[payload.kind]}\n${url}\n${encodeExtras(task)}\n${text}`
}

function encodeExtras({method, headers, flowKey, url, timeoutMs, maxErrors, payload}: Omit<NewTask, 'createdAt'>): string {
  const extras: Extras = {}
  if (method !== 'POST') extras.m = method
  if (Object.keys(headers).length > 0) extras.h = headers
  if (flowKey !== originOf(url)) extras.f = flowKey
  if (timeoutMs !== undefined) extras.t = timeoutMs
  if (maxErrors !== undefined) extras.e = maxErrors
  if (payload.kind === 'body') extras.c = payload.contentType
  return Object.keys(extras).length > 0 ? JSON.stringify(extras) : ''
}

/** Reads what `add` stored; undefined where it is not of this version or is damaged: one bad task must not stop the others. */
export function readTask(id: string, stored: string): Task | undefined {
  try {
    return decodeTask(id, stored)
  } catch {
    return undefined
  }
}

/**
 * What stands for a task that cannot be read: its raw text is kept where a body would be. Its first line, of the script's own
 * making, is mostly intact: with it its dedup entries are found and ended.
 */
export function unreadableTask(id: string, stored: string, flowKey = ''): Task {
  const payload: Payload = {kind: 'body', text: stored, contentType: 'application/octet-stream'}
  return {id, url: '', method: 'POST', payload, headers: {}, flowKey, ...(readFirstLine(stored) ?? {createdAt: 0, dedupKeys: []})}
}

/** False for what `unreadableTask` made: there is nothing to call. */
export function isReadable({url}: Task): boolean {
  return url !== ''
}

function readFirstLine(stored: string): Pick<Task, 'createdAt' | 'dedupKeys'> | undefined {
  const [createdAt = '', ...dedupKeys] = stored.slice(0, Math.max(0, stored.indexOf('\n'))).split('\t')
  // Fifteen digits at most: no date holds more.
  return /^\d{1,15}$/.test(createdAt) ? {createdAt: Number(createdAt), dedupKeys} : undefined
}

function decodeTask(id: string, stored: string): Task {
  const [firstEnd, headEnd] = [stored.indexOf('\n'), stored.indexOf('\n') + 3]
  const urlEnd = stored.indexOf('\n', headEnd + 1)
  const extrasEnd = stored.indexOf('\n', urlEnd + 1)
  if (firstEnd < 1 || urlEnd < 0 || extrasEnd < 0 || stored[firstEnd + 1] !== version || stored[headEnd] !== '\n') {
    throw new Error(`the stored form of task ${id} cannot be read`)
  }
  const first = readFirstLine(stored)
  const url = stored.slice(headEnd + 1, urlEnd)
  const extras = (urlEnd + 1 === extrasEnd ? {} : JSON.parse(stored.slice(urlEnd + 1, extrasEnd))) as Extras
  if (!first) throw new Error(`task ${id} has no time`)
  return {
    id,
    url,
    method: extras.m ?? 'POST',
    payload: decodePayload(stored[firstEnd + 2], stored.slice(extrasEnd + 1), extras),
    headers: extras.h ?? {},
    flowKey: extras.f ?? originOf(url),
    ...(extras.t !== undefined && {timeoutMs: extras.t}),
    ...(extras.e !== undefined && {maxErrors: extras.e}),
    ...first,
  }
}

function decodePayload(kind: string | undefined, text: string, extras: Extras): Payload {
  if (kind === kinds.params) return {kind: 'params', text}
  if (kind === kinds.json) return {kind: 'json', text}
  if (kind === kinds.body) return {kind: 'body', text, contentType: extras.c ?? 'text/plain'}
  if (kind === kinds.none) return {kind: 'none'}
  throw new Error('the stored form has a payload of no known kind')
}

/** The origin of a normalised http(s) URL, which has no user part and always a slash after its host. */
export function originOf(url: string): string {
  return url.slice(0, url.indexOf('/', 'https://'.length))
}

type StoredAttempt = [
  attempt: number,
  startedAt: number | null,
  durationMs: number | null,
  status: number | null,
  error: OutcomeCode | null,
  message: string | null,
  response: string | null,
]

/** `attempts,errors,lostLeases`, a line that the scripts read and rewrite, then the history as JSON. */
export function encodeRun({attempts, errors, lostLeases, history}: Run): string {
  const [only] = history
  if (history.length === 1 && only && isPlain(only)) {
    // What most runs are: delivered at once. Five times as fast as JSON.stringify, and the same text.
    const {attempt, startedAt, durationMs, status} = only
    return `${attempts},${errors},${lostLeases}\n[[${attempt},${startedAt},${durationMs},${status},null,null,null]]`
  }
  const stored = history.map(({attempt, startedAt, durationMs, status, error, message, response}): StoredAttempt => [
    attempt,
    startedAt,
    durationMs,
    status,
    error,
    message,
    response,
  ])
  return `${attempts},${errors},${lostLeases}\n${JSON.stringify(stored)}`
}

/** Its numbers, or null, are all there is to write. */
function isPlain({error, message, response}: Attempt): boolean {
  return error === null && message === null && response === null
}

/** Reads what `encodeRun` wrote; null, for a task that has had no attempt, is a new run. Of a damaged one only the numbers are left. */
export function readRun(stored: string | null): Run {
  if (stored === null || stored === '') return newRun
  try {
    return decodeRun(stored)
  } catch {
    // The attempt number fences, so it must not go back.
    return {...newRun, attempts: Number(/^\d+/.exec(stored)?.[0] ?? 0)}
  }
}

function decodeRun(stored: string): Run {
  const [counts, attempts, errors, lostLeases] = /^(\d+),(\d+),(\d+)\n/.exec(stored) ?? []
  if (counts === undefined) throw new Error('the stored form of a run has no counts')
  const history = (JSON.parse(stored.slice(counts.length)) as StoredAttempt[]).map(decodeAttempt)
  return {attempts: Number(attempts), errors: Number(errors), lostLeases: Number(lostLeases), history}
}

function decodeAttempt([attempt, startedAt, durationMs, status, error, message, response]: StoredAttempt): Attempt {
  return {attempt, startedAt, durationMs, status, error, message, response}
}
