import {TorqueError} from '../errors.js'
import {mayHaveHeader, parseHeaders} from './headers.js'
import {type NewTaskOptions, allowedTarget} from './new-task.js'
import {originOf} from './origin.js'
import {parsePolicy} from './parse-policy.js'
import {quote} from './quote.js'
import type {Task} from './task.js'

/** What is asked to be changed, as text. */
export interface ChangeFields {
  url?: string | undefined
  /** Names as given; null takes a header away. */
  headers?: readonly (readonly [name: string, value: string | null])[] | undefined
  timeout?: string | undefined
}

/** What to change of tasks that are revived, checked as it is when they are added. */
export interface TaskChanges {
  url?: string
  /** Names in lower case; null takes a header away. */
  headers?: ReadonlyMap<string, string | null>
  timeoutMs?: number
}

/** Throws what an add of such a url, header or timeout would. */
export function parseChanges({url, headers, timeout}: ChangeFields, options: NewTaskOptions = {}): TaskChanges {
  return {
    ...(url !== undefined && {url: allowedTarget(url, options).url}),
    ...(headers !== undefined && {headers: headerChanges(headers)}),
    ...parsePolicy({timeout}),
  }
}

function headerChanges(headers: NonNullable<ChangeFields['headers']>): Map<string, string | null> {
  const set = headers.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  const changes = new Map<string, string | null>(Object.entries(parseHeaders(jsonText(set))))
  for (const [name, value] of headers) {
    if (value !== null) continue
    const lower = name.toLowerCase()
    if (!mayHaveHeader(lower, ''))
      throw new TorqueError('invalid_headers', `no task has a header ${quote(name)}`, {field: 'headers'})
    if (changes.has(lower)) throw new TorqueError('invalid_headers', `headers has ${quote(lower)} twice`, {field: 'headers'})
    changes.set(lower, null)
  }
  return changes
}

/** Not by way of an object, which would lose a name that is given twice. */
function jsonText(pairs: readonly (readonly [string, string])[]): string {
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

/**
 * The task with its changes. One that waited in the lane of its old target waits in that of the new one; a flow key of its own
 * stays. Throws `invalid_headers` where its headers would become too many.
 */
export function mendTask(task: Task, {url = task.url, headers, timeoutMs}: TaskChanges): Task {
  const flowKey = task.flowKey === originOf(task.url) ? originOf(url) : task.flowKey
  return {
    ...task,
    url,
    flowKey,
    ...(headers && {headers: mendHeaders(task.headers, headers)}),
    ...(timeoutMs !== undefined && {timeoutMs}),
  }
}

function mendHeaders(headers: Task['headers'], changes: ReadonlyMap<string, string | null>): Task['headers'] {
  const mended = new Map<string, string | null>([...Object.entries(headers), ...changes])
  return parseHeaders(jsonText([...mended].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))))
}
