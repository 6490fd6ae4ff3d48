import {systemClock} from '../clock.js'
import {TorqueError} from '../errors.js'
import {parseDedup} from './dedup.js'
import {parseDue} from './due.js'
import {type TaskFieldName, type TaskFields, invalidField} from './fields.js'
import {fingerprint, sortedHeaders} from './fingerprint.js'
import {parseHeaders} from './headers.js'
import {newId} from './id.js'
import {parsePayload} from './payload.js'
import {parsePolicy} from './parse-policy.js'
import {parseQueueName} from './queue-name.js'
import {quote} from './quote.js'
import {type Target, parseTarget} from './target.js'
import {type Method, type NewTask, methods} from './task.js'
import {withTrace} from './trace.js'
import {trimBlanks} from './trim-blanks.js'

export interface NewTaskOptions {
  /** What a relative url is resolved against; without it one is refused. */
  baseTaskUrl?: string | undefined
  /** Where tasks may go; refuses an address given as such. Names are judged when they are dialled. */
  egress?: {judgeLiteral(url: string): string | null} | undefined
  /** `--base-task-url-only`: the only URLs that are taken. */
  scope?: {readonly base: string; includes(url: string): boolean} | undefined
  /** Ms since the epoch. Only says how far ahead `at` is: the due time is for Redis to decide. */
  now?: number
}

const taskId = /^[A-Za-z0-9_-]{1,64}$/
const printable = /^[ -~]{1,255}$/

/** The one validation for every door: makes a task of fields as they came in, or throws the error of the first bad one. */
export function newTask(fields: TaskFields, {baseTaskUrl, egress, scope, now = systemClock.now()}: NewTaskOptions = {}): NewTask {
  const given = presentFields(fields)
  const {url, origin} = allowedTarget(given.url, {baseTaskUrl, egress, scope})
  const method = parseMethod(given.method)
  const {payload, canonical} = parsePayload(given, method)
  const headers = given.headers === undefined ? {} : parseHeaders(given.headers)
  const due = parseDue(given, now)
  const policy = parsePolicy(given)
  for (const name of callbackNames)
    if (given[name] !== undefined) policy[name] = parseCallback(name, given[name], {baseTaskUrl, egress, scope})
  const id = matching('id', given.id, taskId, '1 to 64 of A-Z, a-z, 0-9, _ and -')
  matching('idempotencyKey', given.idempotencyKey, printable, '1 to 255 printable ASCII characters')
  const flowKey = matching('flowKey', given.flowKey, printable, '1 to 255 printable ASCII characters')
  const dedup = parseDedup(given, () => [url, method, canonical(), sortedHeaders(headers)])
  // Under no key nothing compares it, and it costs as much as all the rest here. A trace is another at each request.
  const mark = dedup.dedupKeys.length > 0 ? fingerprint({url, method, payload: canonical(), headers, due, flowKey, policy}) : ''
  return {
    id: id ?? newId(),
    url,
    method,
    payload,
    headers: withTrace(headers, given),
    flowKey: flowKey ?? origin,
    ...policy,
    ...dedup,
    queue: parseQueueName(given.queue ?? 'default'),
    due,
    fingerprint: mark,
  }
}

/** Blanks are trimmed, and what is empty then is absent; a body is kept as it is. */
function presentFields(fields: TaskFields): TaskFields {
  const present: TaskFields = {}
  for (const name of Object.keys(fields) as TaskFieldName[]) {
    const text = name === 'body' ? fields.body : fields[name] && trimBlanks(fields[name])
    if (text) present[name] = text
  }
  return present
}

/** The target that a url means, where tasks may have it. Throws `invalid_url` or `egress_denied`. */
export function allowedTarget(text: string | undefined, {baseTaskUrl, egress, scope}: NewTaskOptions): Target {
  const target = parseTarget(text ?? invalidField('url', 'is missing'), {baseTaskUrl})
  if (scope && !scope.includes(target.url)) {
    const message = `url ${quote(target.url)} is refused (outside_base): only URLs under ${scope.base} are taken`
    throw new TorqueError('invalid_url', message, {field: 'url'})
  }
  const denied = egress?.judgeLiteral(target.url)
  if (denied) throw new TorqueError('egress_denied', `url ${quote(target.url)} is refused (denied): ${denied}`, {field: 'url'})
  return target
}

/** Who is told of an end: fields, and parts of a policy. */
const callbackNames = ['onDelivered', 'onDead'] as const

/** The URL to be told at, judged as a task's own; empty for `none`. Throws the same errors, naming the field. */
export function parseCallback(name: (typeof callbackNames)[number], text: string, options: NewTaskOptions): string {
  if (text === 'none') return ''
  try {
    return allowedTarget(text, options).url
  } catch (error) {
    if (!(error instanceof TorqueError)) throw error
    throw new TorqueError(error.code, error.message.replace(/^url/, name), {field: name})
  }
}

function parseMethod(text = 'POST'): Method {
  const upper = text.toUpperCase()
  return (
    methods.find((method) => method === upper) ?? invalidField('method', `${quote(text)} is not one of ${methods.join(', ')}`)
  )
}

function matching(name: TaskFieldName, text: string | undefined, pattern: RegExp, what: string): string | undefined {
  if (text !== undefined && !pattern.test(text)) invalidField(name, `${quote(text)} is not ${what}`)
  return text
}
