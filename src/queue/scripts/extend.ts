import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<number[]>('extend')

/** An attempt in hand. */
export interface Held {
  id: string
  attempt: number
}

/** Prolongs the leases of up to 500 attempts to `leaseMs` from now. Resolves to those that were lost, which stay lost. */
export async function extend<Item extends Held>(context: QueueContext, held: readonly Item[], leaseMs: number): Promise<Item[]> {
  const members = held.map(({id, attempt}) => `${id}#${attempt}`)
  const gone = await script.run(context.redis, context.keys.fixed, [scriptNow(context), leaseMs, ...members])
  return gone.flatMap((index) => held[index - 1] ?? [])
}
