import {encodeSchedule} from '../../task/schedule-codec.js'
import type {Schedule} from '../../task/schedule.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'
import {schedulesMessage} from '../wake-channel.js'

const script = new Script<number>('put-schedule')

export interface PutOptions {
  /** The stored text that stands there now, as far as we know; undefined for none. */
  seen: string | undefined
  /** What it waits for, ms since the epoch. */
  tick: number | null
  /** What it waits for already it waits for still. */
  keepTick: boolean
}

/** Writes a schedule; false where another than the one seen stands there, and nothing was done. */
export async function putSchedule(context: QueueContext, schedule: Schedule, options: PutOptions): Promise<boolean> {
  const {keys, redis, wakeChannel} = context
  const {seen = '', tick, keepTick} = options
  const args = [scriptNow(context), schedule.name, seen, encodeSchedule(schedule), tick ?? '', Number(keepTick)]
  const all = [...keys.fixed, keys.schedules, keys.ticks]
  return (await script.run(redis, all, [...args, wakeChannel, schedulesMessage(context.name)])) === 1
}
