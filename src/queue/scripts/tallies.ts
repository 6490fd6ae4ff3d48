import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<[now: number, addedTotal: number, minutes: (number | string[])[]]>('tallies')

/** What a minute has seen, field by field. */
export interface Minute {
  /** 0: the current one. */
  ago: number
  fields: ReadonlyMap<string, number>
}

/** What the last `minutes` have seen, those that have seen anything. */
export async function readTallies(
  context: QueueContext,
  minutes: number,
): Promise<{now: number; addedTotal: number; minutes: Minute[]}> {
  const {redis, keys} = context
  const [now, addedTotal, flat] = await script.run(redis, keys.fixed, [scriptNow(context), keys.tallyPrefix, minutes])
  const seen: Minute[] = []
  for (let at = 0; at < flat.length; at += 2) seen.push({ago: Number(flat[at]), fields: numbers(flat[at + 1] as string[])})
  return {now, addedTotal, minutes: seen}
}

function numbers(flat: readonly string[]): Map<string, number> {
  const fields = new Map<string, number>()
  for (let at = 0; at < flat.length; at += 2) fields.set(flat[at] ?? '', Number(flat[at + 1]))
  return fields
}
