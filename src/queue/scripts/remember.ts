import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<number>('remember')

/** Has up to 500 ids that were given out for tasks without a key of their own found for a day. Resolves to how many are tasks. */
export function remember(context: QueueContext, ids: readonly string[]): Promise<number> {
  const keys = [...context.keys.fixed, ...ids.map((id) => context.keys.dedup(`i:${id}`))]
  return script.run(context.redis, keys, [scriptNow(context), ...ids])
}
