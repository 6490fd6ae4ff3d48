import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<0 | 1>('watch')

export interface WatchOptions {
  /** How long a claim holds. */
  leaseMs: number
  /** Where nobody has looked after leases for longer than this, none is to be taken back for one lease. */
  quietMs: number
}

/** Notes that leases are looked after. Resolves to whether those that ran out may be taken back. */
export async function watch(context: QueueContext, {leaseMs, quietMs}: WatchOptions): Promise<boolean> {
  return (await script.run(context.redis, context.keys.watch, [scriptNow(context), leaseMs, quietMs])) === 1
}
