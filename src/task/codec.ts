import {originOf} from './origin.js'
import {type StoredPolicy, decodePolicy, encodePolicy, storedPolicyNames} from './policy-codec.js'
import {saysNothing} from './policy.js'
import {type Attempt, type Method, type OutcomeCode, type Payload, type Run, type Task, newRun} from './task.js'

/**
 * A task in Redis is one string of lines, small to store and cheap to read:
 *
 *     <createdAt><kind>[\t<dedup key>]…   createdAt in base 36, put in front by the script, from the time of Redis
 *     <url>
 *     <extras>                            empty, or JSON of what differs from the defaults
 *     <payload text>                      to the end, as its producer wrote it
 *
 * The kind is N(one), P(arams), J(son) or B(ody). These lines stay, in every version: a version that stores a task in another way
 * takes other capital letters or other names in the extras, and earlier ones know by them that the task is not theirs to read.
 */
const kinds = {none: 'N', params: 'P', json: 'J', body: 'B'} as const
const knownKinds: ReadonlySet<string> = new Set(Object.values(kinds))

/** Short names: they are stored with every task that has them. */
interface Extras extends StoredPolicy {
  /** method */ m?: Method
  /** headers */ h?: Record<string, string>
  /** flowKey */ f?: string
  /** contentType */ c?: string
}

const knownExtras: ReadonlySet<string> = new Set<keyof Extras>([...storedPolicyNames, 'm', 'h', 'f', 'c'])

/** A task as it is stored, but for the time, which the script puts in front. */
export function encodeTask(task: Omit<Task, 'createdAt'>): string {
  const {payload, url, dedupKeys} = task
  const text = payload.kind === 'none' ? '' : payload.text
  const dedup = dedupKeys.length === 0 ? '' : `\t${dedupKeys.join('\t')}`
  return `${kinds[payload.kind]}${dedup}\n${url}\n${encodeExtras(task)}\n${text}`
}

function encodeExtras(task: Omit<Task, 'createdAt'>): string {
  const {method, headers, flowKey, url, payload} = task
  const extras: Extras = {}
  let any = false
  const put = <Name extends keyof Extras>(name: Name, value: Extras[Name]) => {
    extras[name] = value
    any = true
  }
  if (method !== 'POST') put('m', method)
  if (Object.keys(headers).length > 0) put('h', headers)
  if (flowKey !== originOf(url)) put('f', flowKey)
  if (payload.kind === 'body') put('c', payload.contentType)
  if (saysNothing(task)) return any ? JSON.stringify(extras) : ''
  return JSON.stringify({...extras, ...encodePolicy(task)})
}

/** Reads what `add` stored; undefined where a later version wrote it, or it is damaged: one bad task must not stop the others. */
export function readTask(id: string, stored: string): Task | undefined {
  try {
    return decodeTask(id, stored)
  } catch {
    return undefined
  }
}

/** Whether a task that cannot be read was written by a later version of torque; else it is damaged, or was never one. */
export function isOfLaterVersion(stored: string): boolean {
  return laneOfLater(stored) !== undefined
}

/** The lane of a task of a later version. */
function laneOfLater(stored: string): string | undefined {
  try {
    const {first, url, extras} = splitLines(stored)
    const isLater = !knownKinds.has(first.kind) || Object.keys(extras).some((name) => !knownExtras.has(name))
    return isLater ? (extras.f ?? originOf(url)) : undefined
  } catch {
    return undefined
  }
}

/**
 * What stands for a task that cannot be read: its raw text is kept where a body would be. Its first line, of the script's own
 * making, is mostly intact: with it its dedup entries are found and ended. Of a later version's, the lane can be told as well.
 */
export function unreadableTask(id: string, stored: string, flowKey = laneOfLater(stored) ?? ''): Task {
  const payload: Payload = {kind: 'body', text: stored, contentType: 'application/octet-stream'}
  const {createdAt, dedupKeys} = readFirstLine(stored.slice(0, Math.max(0, stored.indexOf('\n')))) ?? {
    createdAt: 0,
    dedupKeys: [],
  }
  return {id, url: '', method: 'POST', payload, headers: {}, flowKey, createdAt, dedupKeys}
}

/** False for what `unreadableTask` made: there is nothing to call. */
export function isReadable({url}: Task): boolean {
  return url !== ''
}

/** Ten digits at most: more are beyond all dates. */
const firstLine = /^([0-9a-z]{1,10})([A-Z])((?:\t[^\t]*)*)$/

interface FirstLine extends Pick<Task, 'createdAt' | 'dedupKeys'> {
  kind: string
}

function readFirstLine(line: string): FirstLine | undefined {
  const [, time = '', kind = '', dedup = ''] = firstLine.exec(line) ?? []
  return time === ''
    ? undefined
    : {createdAt: parseInt(time, 36), kind, dedupKeys: dedup === '' ? [] : dedup.slice(1).split('\t')}
}

const noExtras: Extras = {}

/** The lines that all versions have. Throws where they are not. */
function splitLines(stored: string) {
  const firstEnd = stored.indexOf('\n')
  const urlEnd = stored.indexOf('\n', firstEnd + 1)
  const extrasEnd = stored.indexOf('\n', urlEnd + 1)
  const first = firstEnd < 0 || urlEnd < 0 || extrasEnd < 0 ? undefined : readFirstLine(stored.slice(0, firstEnd))
  const url = stored.slice(firstEnd + 1, urlEnd)
  if (!first || !/^https?:\/\//.test(url)) throw new Error('the stored form of a task cannot be read')
  const extras = urlEnd + 1 === extrasEnd ? noExtras : readExtras(stored.slice(urlEnd + 1, extrasEnd))
  return {first, url, extras, text: stored.slice(extrasEnd + 1)}
}

function readExtras(text: string): Extras {
  const extras: unknown = JSON.parse(text)
  if (typeof extras === 'object' && extras !== null && !Array.isArray(extras)) return extras
  throw new Error('the extras of a stored task are no object')
}

function decodeTask(id: string, stored: string): Task {
  const {first, url, extras, text} = splitLines(stored)
  for (const name in extras) if (!knownExtras.has(name)) throw new Error(`a stored task has an extra of no known name: ${name}`)
  const task: Task = {
    id,
    url,
    method: extras.m ?? 'POST',
    payload: decodePayload(first.kind, text, extras),
    headers: extras.h ?? {},
    flowKey: extras.f ?? originOf(url),
    createdAt: first.createdAt,
    dedupKeys: first.dedupKeys,
  }
  if (extras !== noExtras) decodePolicy(task, extras)
  return task
}

function decodePayload(kind: string, text: string, extras: Extras): Payload {
  if (kind === kinds.params) return {kind: 'params', text}
  if (kind === kinds.json) return {kind: 'json', text}
  if (kind === kinds.body) return {kind: 'body', text, contentType: extras.c ?? 'text/plain'}
  if (kind === kinds.none) return {kind: 'none'}
  throw new Error('the stored form has a payload of no known kind')
}

type StoredAttempt = [
  attempt: number,
  startedAt: number | null,
  durationMs: number | null,
  status: number | null,
  error: OutcomeCode | null,
  message: string | null,
  response: string | null,
  timing?: [dnsMs: number | null, connectMs: number | null, tlsMs: number | null, firstByteMs: number | null],
]

/** `attempts,errors,lostLeases`, and `dueSince` where it is noted, a line that the scripts read and rewrite; then the history as JSON. */
export function encodeRun({attempts, errors, lostLeases, dueSince, history}: Run): string {
  const [only] = history
  if (history.length === 1 && only && dueSince === undefined && isPlain(only)) {
    // What most runs are: delivered at once. Five times as fast as JSON.stringify, and the same text.
    const {attempt, startedAt, durationMs, status} = only
    return `${attempts},${errors},${lostLeases}\n[[${attempt},${startedAt},${durationMs},${status},null,null,null]]`
  }
  const stored = history.map(storedAttempt)
  const since = dueSince === undefined ? '' : `,${dueSince}`
  return `${attempts},${errors},${lostLeases}${since}\n${JSON.stringify(stored)}`
}

function storedAttempt({attempt, startedAt, durationMs, status, error, message, response, timing}: Attempt): StoredAttempt {
  const stored: StoredAttempt = [attempt, startedAt, durationMs, status, error, message, response]
  if (timing) stored.push([timing.dnsMs, timing.connectMs, timing.tlsMs, timing.firstByteMs])
  return stored
}

/** Its numbers, or null, are all there is to write. */
function isPlain({error, message, response, timing}: Attempt): boolean {
  return error === null && message === null && response === null && timing === undefined
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
  const [counts, attempts, errors, lostLeases, dueSince] = /^(\d+),(\d+),(\d+)(?:,(\d+))?\n/.exec(stored) ?? []
  if (counts === undefined) throw new Error('the stored form of a run has no counts')
  const history = (JSON.parse(stored.slice(counts.length)) as StoredAttempt[]).map(decodeAttempt)
  const run: Run = {attempts: Number(attempts), errors: Number(errors), lostLeases: Number(lostLeases), history}
  if (dueSince !== undefined) run.dueSince = Number(dueSince)
  return run
}

function decodeAttempt([attempt, startedAt, durationMs, status, error, message, response, timing]: StoredAttempt): Attempt {
  const ended: Attempt = {attempt, startedAt, durationMs, status, error, message, response}
  if (!timing) return ended
  const [dnsMs, connectMs, tlsMs, firstByteMs] = timing
  return {...ended, timing: {dnsMs, connectMs, tlsMs, firstByteMs}}
}
