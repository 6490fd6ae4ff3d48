import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<null>('tally')

/** Adds to what the current minute has seen. Not idempotent: sent twice, it counts twice. */
export async function addTally(context: QueueContext, fields: ReadonlyMap<string, number>): Promise<void> {
  const {redis, keys} = context
  await script.run(redis, keys.fixed, [scriptNow(context), keys.tallyPrefix, ...[...fields].flat()])
}
