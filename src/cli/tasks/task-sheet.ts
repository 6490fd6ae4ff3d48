import type {FullTaskView} from '../../queue/effective-policy.js'
import type {Policy} from '../../task/policy.js'
import type {AttemptView, TaskView} from '../../task/view.js'
import {formatDuration} from '../../task/duration.js'
import type {Styles} from '../terminal/color.js'
import {escapeText} from '../../escape.js'
import {fromNow} from '../terminal/format.js'
import {jsonLine} from '../terminal/json-line.js'
import type {TableColumn} from '../terminal/output.js'
import {paintState} from './task-rows.js'
import {renderTable} from '../terminal/table.js'

export interface SheetOptions {
  now: number
  width: number
  styles: Styles
}

/** Everything about one task, for people. */
export function taskSheet(task: FullTaskView, options: SheetOptions): string {
  const {styles} = options
  const title = `${styles.bold(escapeText(task.id))}  ${paintState(task.state, styles)}`
  return [title, '', ...fields(task, options), ...attempts(task.attempts ?? [], options), ''].join('\n')
}

function fields(task: FullTaskView, {now, styles}: SheetOptions): string[] {
  const at = (instant: string | null | undefined) => (instant ? `${instant} (${fromNow(Date.parse(instant), now)})` : undefined)
  const rows: [string, string | undefined][] = [
    ['queue', task.queue],
    ['target', `${task.method} ${task.url}`],
    ...payloadRows(task),
    ...Object.entries(task.headers).map(([name, value]): [string, string] => ['header', `${name}: ${value}`]),
    ['flow key', task.flowKey],
    ['created', at(task.createdAt)],
    ['due', at(task.dueAt)],
    ['lease ends', at(task.leaseEndsAt)],
    ['ended', at(task.endedAt)],
    ['attempts', String(task.attempt)],
    ['errors', `${task.errors} of ${task.maxErrors}`],
    ['lost leases', task.lostLeases > 0 ? String(task.lostLeases) : undefined],
    ...policyRows(task),
    ['timing', timingText(task.attempts?.at(-1))],
    ['last error', task.lastError ? `${task.lastError.code}: ${task.lastError.message ?? ''}` : undefined],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${styles.dim(name.padEnd(12))}${escapeText(value)}`]))
}

/** Where the newest attempt made a connection: what its time went into. */
function timingText(attempt: AttemptView | undefined): string | undefined {
  if (!attempt?.timing) return undefined
  const {dnsMs, connectMs, tlsMs, firstByteMs} = attempt.timing
  const parts = Object.entries({dns: dnsMs, connect: connectMs, tls: tlsMs, 'first byte': firstByteMs})
  return parts.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${formatDuration(ms)}`])).join(', ') || undefined
}

const policyWords: Record<keyof Policy, string> = {
  timeoutMs: 'timeout',
  maxErrors: 'max errors',
  minBackoffMs: 'min backoff',
  maxBackoffMs: 'max backoff',
  factor: 'factor',
  waitsMs: 'waits',
  maxAgeMs: 'max age',
  noRetry: 'no retry',
  success: 'success',
  onDelivered: 'on delivered',
  onDead: 'on dead',
}

/** What holds for it, and who says so. */
function policyRows({policy}: FullTaskView): [string, string][] {
  return Object.entries(policy).map(([name, {value, from}]) => {
    return [policyWords[name as keyof Policy], `${policyText(name, value)} (${from})`]
  })
}

function policyText(name: string, value: Policy[keyof Policy]): string {
  if (typeof value === 'number') return name.endsWith('Ms') ? formatDuration(value) : String(value)
  if (typeof value === 'string') return value || 'none'
  return value?.map(formatDuration).join(', ') ?? ''
}

function payloadRows({params, json, body, contentType}: TaskView): [string, string][] {
  if (json) return [['json', jsonLine(json)]]
  if (body === undefined) return [['params', jsonLine(params)]]
  return [
    ['content type', contentType ?? ''],
    ['body', body],
  ]
}

const columns: TableColumn[] = [
  {head: '#'},
  {head: 'STARTED'},
  {head: 'TOOK'},
  {head: 'STATUS'},
  {head: 'OUTCOME', shrink: true, paint: (cell, {red, green}) => (cell === 'delivered' ? green(cell) : red(cell))},
  {head: 'TIMING', drop: 1},
  {head: 'RESPONSE', shrink: true},
]

const timingAt = columns.findIndex(({head}) => head === 'TIMING')

function attempts(history: AttemptView[], {width, styles}: SheetOptions): string[] {
  if (history.length === 0) return []
  const rows = history.map((each) => [
    String(each.attempt),
    each.startedAt ?? '?',
    each.durationMs === null ? '?' : formatDuration(each.durationMs),
    each.status === null ? '' : String(each.status),
    each.error === null ? 'delivered' : describeError(each.error, each.message),
    timingText(each) ?? '',
    each.response ?? '',
  ])
  // Nothing to tell where no attempt made a connection.
  const isTimed = rows.some((row) => row[timingAt] !== '')
  const shown = isTimed ? columns : columns.toSpliced(timingAt, 1)
  const cells = isTimed ? rows : rows.map((row) => row.toSpliced(timingAt, 1))
  return ['', renderTable(shown, cells, {width, styles})]
}

function describeError(code: string, message: string | null): string {
  return message ? `${code}: ${message}` : code
}
