import {encodeTask} from '../../task/codec.js'
import {type Schedule, type Tick, taskOf} from '../../task/schedule.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<TickOutcome>('tick')

/** `skipped`: nothing was added, by the schedule's own rules. `changed`: another has done it, or the schedule is no longer as it was seen. */
export type TickOutcome = 'added' | 'skipped' | 'early' | 'changed'

/** A schedule that waits for a tick which has come. */
export interface DueSchedule {
  schedule: Schedule
  /** Its stored text, as it was read. */
  text: string
  /** The tick, ms since the epoch. */
  due: number
}

/** Does what a tick leads to, once, whoever tries. */
export function tick(context: QueueContext, {schedule, text, due}: DueSchedule, {add, next}: Tick): Promise<TickOutcome> {
  const {keys, redis, wakeChannel, wakeMessage} = context
  const task = taskOf(schedule, add ?? due)
  const all = [...keys.fixed, keys.lane(task.flowKey), keys.schedules, keys.ticks, keys.scheduleRuns]
  const when = [due, next ?? '', add ?? '', Number(schedule.overlap === 'skip')]
  const what = [task.id, task.flowKey, encodeTask(task), wakeChannel, wakeMessage]
  return script.run(redis, all, [scriptNow(context), schedule.name, text, ...when, ...what])
}
