import type {QueueContext} from '../context.js'
import {scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<number[]>('reset', {libraries: ['limits']})

/** Forgets the trouble of up to 500 lanes; resolves to those that were in any. */
export async function reset(context: QueueContext, lanes: readonly string[]): Promise<string[]> {
  const keys = [...context.keys.limited, ...lanes.map((lane) => context.keys.lane(lane))]
  const changed = await script.run(context.redis, keys, [scriptNow(context), context.wakeChannel, context.name, ...lanes])
  return changed.flatMap((index) => lanes[index - 1] ?? [])
}
