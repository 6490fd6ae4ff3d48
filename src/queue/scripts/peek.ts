import {type QueueContext, ask, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<[tasks: (string | null)[], runs: (string | null)[]]>('peek')

/** What a reply holds at most, and the largest task beyond that. */
const replyBytes = 4 << 20

export interface Peeked {
  /** As stored; null for a task that is gone, and where it was not asked for. */
  task: string | null
  run: string | null
}

/** Reads the first of up to 500 tasks, at least one, and as many as one reply should hold. */
export async function peek(
  context: QueueContext,
  ids: readonly string[],
  {tasks, runs}: {tasks: boolean; runs: boolean},
): Promise<Peeked[]> {
  const args = [scriptNow(context), replyBytes, tasks ? 1 : 0, runs ? 1 : 0, ...ids]
  const [found, became] = await ask(() => script.run(context.redis, context.keys.fixed, args))
  return found.map((task, index) => ({task, run: became[index] ?? null}))
}
