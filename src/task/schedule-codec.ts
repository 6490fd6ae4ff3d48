import type {TaskFields} from './fields.js'
import type {Schedule} from './schedule.js'

/** A schedule in Redis is JSON; its name and queue are where it stands. Another form would take another number. */
interface StoredSchedule extends Pick<Schedule, 'catchUp' | 'overlap' | 'paused'> {
  v: 1
  cron?: string
  tz?: string
  everyMs?: number
  from?: number
  task: TaskFields
}

export function encodeSchedule({ticking, catchUp, overlap, paused, task}: Schedule): string {
  const stored: StoredSchedule = {v: 1, ...ticking, catchUp, overlap, paused, task}
  return JSON.stringify(stored)
}

/** Undefined for what is not of this version or is damaged: it ticks no more here, and stops no other. */
export function decodeSchedule(name: string, queue: string, text: string): Schedule | undefined {
  try {
    const {v, cron, tz, everyMs, from, catchUp, overlap, paused, task} = JSON.parse(text) as Partial<StoredSchedule>
    if (v !== 1 || !catchUp || !overlap || paused === undefined || !task) return undefined
    if (cron !== undefined && tz !== undefined) return {name, queue, ticking: {cron, tz}, catchUp, overlap, paused, task}
    if (everyMs === undefined || from === undefined) return undefined
    return {name, queue, ticking: {everyMs, from}, catchUp, overlap, paused, task}
  } catch {
    return undefined
  }
}
