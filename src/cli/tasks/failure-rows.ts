import type {FailureGroup} from '../../task/failures.js'
import {isoInstant} from '../../task/view.js'
import {fromNow} from '../terminal/format.js'
import type {TableColumn} from '../terminal/output.js'
import {type RetryLineOptions, retryLine} from './retry-line.js'

/** A group as `torque errors --json` has it. */
export interface FailureView extends Omit<FailureGroup, 'states' | 'firstSeenAt' | 'lastSeenAt'> {
  states: Record<string, number>
  firstSeenAt: string
  lastSeenAt: string
  /** The command that revives exactly this group; null where nothing of it can be revived. */
  retry: string | null
}

export function failureView({states, firstSeenAt, lastSeenAt, ...group}: FailureGroup, options: RetryLineOptions): FailureView {
  return {
    ...group,
    states: Object.fromEntries(states),
    firstSeenAt: isoInstant(firstSeenAt) ?? '',
    lastSeenAt: isoInstant(lastSeenAt) ?? '',
    retry: retryLine({states, ...group}, options),
  }
}

export const failureColumns: TableColumn[] = [
  {head: 'TASKS', right: true},
  {head: 'QUEUE', drop: 2},
  {head: 'ORIGIN', shrink: true},
  {head: 'STATUS'},
  {head: 'ERROR'},
  {head: 'FIRST', drop: 3},
  {head: 'LAST', drop: 4},
  {head: 'SAMPLE'},
  {head: 'MESSAGE', shrink: true, drop: 1},
]

/** A group's row of the table for people. */
export function failureCells(
  {count, queue, origin, status, error, firstSeenAt, lastSeenAt, sampleId, message}: FailureView,
  now: number,
): string[] {
  const [first, last] = [fromNow(Date.parse(firstSeenAt), now), fromNow(Date.parse(lastSeenAt), now)]
  return [String(count), queue, origin, String(status ?? ''), error, first, last, sampleId, message ?? '']
}

/** A group's line off a terminal, in the order that `torque errors --help` names. */
export function failureLine(view: FailureView): string[] {
  const {count, queue, origin, status, error, firstSeenAt, lastSeenAt, sampleId, message, retry} = view
  return [
    String(count),
    queue,
    origin,
    String(status ?? ''),
    error,
    firstSeenAt,
    lastSeenAt,
    sampleId,
    message ?? '',
    retry ?? '',
  ]
}
