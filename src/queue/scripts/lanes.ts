import {type Pause, type QueueSettings, readPause, readSettings} from '../../task/queue-settings.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

type Lane = [waiting: number, due: number, active: number, trouble: string, probed: 0 | 1, laneMs: number]
type Reply = [now: number, settings: string[], active: number, queueMs: number, lanes: Lane[]]

const script = new Script<Reply>('lanes', {libraries: ['limits']})

/** Why a lane's target is thought to be in trouble. Instants are ms since the epoch. */
export interface Trouble {
  /** Failures in a row: no answer, or one of 429, 502, 503 and 504. */
  failures: number
  lastFailedAt: number
  /** Set aside until then, after which one call finds out whether the target answers again; null: it is not set aside. */
  setAsideUntil: number | null
  /** That one call is running. */
  isProbed: boolean
}

export interface LaneState {
  flowKey: string
  waiting: number
  /** Of those that wait. */
  due: number
  active: number
  trouble: Trouble | null
  /** When `laneRate` lets its next task start; null: now. */
  nextTokenAt: number | null
}

export interface LanesState {
  now: number
  settings: QueueSettings
  pause: Pause | undefined
  /** Active tasks of the queue. */
  active: number
  /** When `rate` lets the next task of the queue start; null: now. */
  nextTokenAt: number | null
  lanes: LaneState[]
}

/** The state of up to 500 lanes, and of their queue, at one moment. */
export async function readLanes(context: QueueContext, names: readonly string[]): Promise<LanesState> {
  const keys = [...context.keys.limited, ...names.map((lane) => context.keys.lane(lane))]
  const [now, flat, active, queueMs, lanes] = await script.run(context.redis, keys, [scriptNow(context), ...names])
  return {
    now,
    settings: readSettings(flat),
    pause: readPause(flat, now),
    active,
    nextTokenAt: queueMs > 0 ? now + queueMs : null,
    lanes: lanes.map((lane, index) => laneState(names[index] ?? '', lane, now)),
  }
}

function laneState(flowKey: string, [waiting, due, active, trouble, probed, laneMs]: Lane, now: number): LaneState {
  const nextTokenAt = laneMs > 0 ? now + laneMs : null
  return {flowKey, waiting, due, active, trouble: readTrouble(trouble, probed === 1), nextTokenAt}
}

function readTrouble(entry: string, isProbed: boolean): Trouble | null {
  if (entry === '') return null
  const [failures = 0, times = 0, until = 0, lastFailedAt = 0] = entry.split(' ').map(Number)
  return {failures, lastFailedAt, setAsideUntil: times > 0 ? until : null, isProbed}
}
