import type {TaskFieldName, TaskFields} from './fields.js'
import {canonicalText, readValue} from './json-text.js'
import {RawJson} from './raw-json.js'
import type {Schedule, ScheduleRecord} from './schedule.js'
import {isoInstant} from './view.js'

/** A schedule as users see it, over HTTP and with `--json`. Print it with `stringifyJson`: JSON values are as they came. */
export interface ScheduleView {
  name: string
  queue: string
  cron?: string
  tz?: string
  everyMs?: number
  catchUp: Schedule['catchUp']
  overlap: Schedule['overlap']
  paused: boolean
  nextAt: string | null
  lastAt: string | null
  lastId: string | null
  added: number
  skipped: number
  task: Partial<Record<TaskFieldName, string | RawJson>>
}

export function scheduleView({schedule, nextAt, lastAt, ...standing}: ScheduleRecord): ScheduleView {
  const {name, queue, ticking, catchUp, overlap, paused, task} = schedule
  return {
    name,
    queue,
    ...('cron' in ticking ? ticking : {everyMs: ticking.everyMs}),
    catchUp,
    overlap,
    paused,
    nextAt: isoInstant(nextAt),
    lastAt: isoInstant(lastAt),
    ...standing,
    task: taskFieldsView(task),
  }
}

/** Those that hold JSON; the others are text. */
const jsonFields = new Set<string>(['params', 'json', 'headers'])

function taskFieldsView({queue: _queue, ...fields}: TaskFields): ScheduleView['task'] {
  const shown = Object.entries(fields).map(([name, text = '']) => [name, jsonFields.has(name) ? oneLine(text) : text])
  return Object.fromEntries(shown) as ScheduleView['task']
}

/** As it came, but for the blanks between its parts: a schedule must stay one line. */
function oneLine(text: string): RawJson {
  return new RawJson(canonicalText(readValue(text, {maxDepth: 40, maxKeys: Infinity})))
}
