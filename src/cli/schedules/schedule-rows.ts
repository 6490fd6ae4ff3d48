import {formatDuration} from '../../task/duration.js'
import type {Schedule, ScheduleRecord} from '../../task/schedule.js'
import {isoInstant} from '../../task/view.js'
import {fromNow} from '../terminal/format.js'
import type {TableColumn} from '../terminal/output.js'

export const scheduleColumns: TableColumn[] = [
  {head: 'NAME'},
  {head: 'QUEUE'},
  {head: 'WHEN'},
  {head: 'NEXT'},
  {head: 'LAST'},
  {head: 'ADDED', right: true},
  {head: 'URL', shrink: true},
]

/** The row for people. */
export function scheduleCells({schedule, nextAt, lastAt, added}: ScheduleRecord, now: number): string[] {
  const next = nextAt === null ? (schedule.paused ? 'paused' : 'never') : fromNow(nextAt, now)
  const last = lastAt === null ? '' : fromNow(lastAt, now)
  return [schedule.name, schedule.queue, ticksText(schedule), next, last, String(added), schedule.task.url ?? '']
}

/** The line off a terminal: what a program wants to know comes in the same order, instants in full. */
export function scheduleLine({schedule, nextAt, lastAt, lastId, added}: ScheduleRecord): string[] {
  const instants = [isoInstant(nextAt) ?? '', isoInstant(lastAt) ?? '']
  const state = schedule.paused ? 'paused' : 'running'
  return [
    schedule.name,
    schedule.queue,
    ticksText(schedule),
    state,
    ...instants,
    lastId ?? '',
    String(added),
    schedule.task.url ?? '',
  ]
}

/** When it ticks, in its own words. */
export function ticksText({ticking}: Schedule): string {
  if ('everyMs' in ticking) return `every ${formatDuration(ticking.everyMs)}`
  return ticking.tz === 'UTC' ? ticking.cron : `${ticking.cron} ${ticking.tz}`
}
