import {type Pause, type QueueSettings, type SettingsChange, readPause, readSettings} from '../../task/queue-settings.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'
import {settingsMessage} from '../wake-channel.js'

const script = new Script<[now: number, settings: string[]]>('configure', {libraries: ['limits']})

/** What is set for a queue, and whether it is paused. */
export interface QueueState {
  settings: QueueSettings
  pause: Pause | undefined
}

export interface PauseOptions {
  /** Absent: until it is resumed. */
  forMs?: number | undefined
  reason?: string | undefined
}

/** Sets some settings, and takes away those that are null, in one step; others stay. */
export function configure(context: QueueContext, change: SettingsChange): Promise<QueueState> {
  return write(
    context,
    [...change].map(([field, text]) => [field, text === null ? '-' : `=${text}`]),
  )
}

/** Nothing is claimed from here on. A queue that is paused already is paused anew. */
export function pause(context: QueueContext, {forMs, reason}: PauseOptions): Promise<QueueState> {
  return write(context, [
    ['pausedAt', '+0'],
    ['pausedUntil', forMs === undefined ? '-' : `+${forMs}`],
    ['pauseReason', reason === undefined ? '-' : `=${reason}`],
  ])
}

export function resume(context: QueueContext): Promise<QueueState> {
  return write(
    context,
    ['pausedAt', 'pausedUntil', 'pauseReason'].map((name) => [name, '-']),
  )
}

async function write(context: QueueContext, values: readonly (readonly string[])[]): Promise<QueueState> {
  const args = [scriptNow(context), context.wakeChannel, settingsMessage(context.name), ...values.flat()]
  const [now, flat] = await script.run(context.redis, context.keys.limited, args)
  return {settings: readSettings(flat), pause: readPause(flat, now)}
}
