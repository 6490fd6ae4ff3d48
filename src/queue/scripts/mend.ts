import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'
import {readTasks} from './inspect.js'
import type {Suspect} from './survey.js'

const script = new Script<(TaskWrong | 'ok')[]>('mend')

/** What can be wrong with one id; see docs/cli.md. */
export const taskWrongs = ['lost_body', 'no_body', 'two_states', 'wrong_lane', 'stale_lease', 'retrying_index'] as const
export type TaskWrong = (typeof taskWrongs)[number]

/** Judges up to 500 suspects at one moment, and with `repair` puts right what is wrong with them; resolves to those. */
export async function mend(
  context: QueueContext,
  suspects: readonly Suspect[],
  {repair}: {repair: boolean},
): Promise<{id: string; wrong: TaskWrong}[]> {
  const tasks = await readTasks(
    context,
    suspects.map(({id}) => id),
  )
  // Without a lane: its task cannot be read.
  const own = new Map(tasks.filter(({flowKey}) => flowKey !== '').map(({id, flowKey}) => [id, flowKey]))
  const lanes = [...own.values(), ...suspects.flatMap(({lane}) => lane ?? [])]
  const keys = new BatchKeys(
    context.keys,
    lanes.map((flowKey) => ({flowKey, dedupKeys: []})),
  )
  const laneIndex = (flowKey: string | undefined) => (flowKey === undefined ? 0 : keys.lane({flowKey, dedupKeys: []}))
  const items = suspects.flatMap(({id, lane, attempt = ''}) => [id, laneIndex(own.get(id)), laneIndex(lane), attempt])
  const {wakeChannel, name, redis} = context
  const args = [scriptNow(context), repair ? 1 : 0, wakeChannel, name, keys.laneNames.length, ...keys.laneNames, ...items]
  const verdicts = await script.run(redis, keys.all, args)
  return suspects.flatMap(({id}, index) => {
    const wrong = verdicts[index] ?? 'ok'
    return wrong === 'ok' ? [] : [{id, wrong}]
  })
}
