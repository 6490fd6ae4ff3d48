import {policyNames} from '../task/policy.js'
import type {QueueSettings} from '../task/queue-settings.js'
import {isoInstant} from '../task/view.js'
import type {LaneState, QueueReport} from './limits-inspector.js'

const limitNames = ['rate', 'burst', 'concurrency', 'laneConcurrency', 'laneRate', 'coolDownAfter'] as const
type SettingsView = {[name in (typeof limitNames)[number]]: number | null} & {
  [name in (typeof policyNames)[number]]: number | readonly number[] | string | null
}

const stateNames = ['scheduled', 'ready', 'active', 'retrying', 'dead', 'delivered'] as const

/** A queue as users see it, over HTTP and with `--json`. Settings that are null are not set. */
export interface QueueView extends Record<(typeof stateNames)[number], number> {
  name: string
  paused: boolean
  pausedAt: string | null
  /** Null: until it is resumed. */
  pausedUntil: string | null
  pauseReason: string | null
  settings: SettingsView
  nextTokenAt: string | null
  lanesSetAside: number
}

export function queueView({name, settings, pause, counts, nextTokenAt, lanesSetAside}: QueueReport): QueueView {
  return {
    name,
    paused: pause !== undefined,
    pausedAt: isoInstant(pause?.at ?? null),
    pausedUntil: isoInstant(pause?.until ?? null),
    pauseReason: pause?.reason ?? null,
    settings: settingsView(settings),
    nextTokenAt: isoInstant(nextTokenAt),
    lanesSetAside,
    ...countsView(counts),
  }
}

function countsView(counts: QueueReport['counts']): Record<(typeof stateNames)[number], number> {
  return Object.fromEntries(stateNames.map((name) => [name, counts[name]])) as Record<(typeof stateNames)[number], number>
}

function settingsView({policy, ...limits}: QueueSettings): SettingsView {
  return Object.fromEntries([
    ...limitNames.map((name) => [name, limits[name] ?? null]),
    ...policyNames.map((name) => [name, policy[name] ?? null]),
  ]) as SettingsView
}

/** A lane that something holds back. */
export interface LaneView {
  queue: string
  flowKey: string
  /** Its target is in trouble and it is set aside; one call is made at `setAsideUntil`. */
  isSetAside: boolean
  setAsideUntil: string | null
  /** That one call is running. */
  isProbed: boolean
  /** In a row, without an answer between them. */
  failures: number
  lastFailedAt: string | null
  waiting: number
  due: number
  active: number
  nextTokenAt: string | null
}

export function laneView({queue, flowKey, trouble, waiting, due, active, nextTokenAt}: LaneState & {queue: string}): LaneView {
  return {
    queue,
    flowKey,
    isSetAside: trouble !== null && trouble.setAsideUntil !== null,
    setAsideUntil: isoInstant(trouble?.setAsideUntil ?? null),
    isProbed: trouble?.isProbed ?? false,
    failures: trouble?.failures ?? 0,
    lastFailedAt: isoInstant(trouble?.lastFailedAt ?? null),
    waiting,
    due,
    active,
    nextTokenAt: isoInstant(nextTokenAt),
  }
}
