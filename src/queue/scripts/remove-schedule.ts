import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<number>('remove-schedule')

/** Removes a schedule; false where there is none of that name. */
export async function removeSchedule(context: QueueContext, name: string): Promise<boolean> {
  const {keys, redis} = context
  const all = [...keys.fixed, keys.schedules, keys.ticks, keys.scheduleRuns]
  return (await script.run(redis, all, [scriptNow(context), name])) === 1
}
