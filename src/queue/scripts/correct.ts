import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<[hints: string[], counts: string[], running: number]>('correct')

/** As many tasks are counted, of those that run, within a few ms. */
const mostCounted = 2_000

export interface LaneWrongs {
  /** Lanes with waiting tasks that would not be claimed from. */
  hints: string[]
  /** Lanes whose number of running tasks was wrong. */
  counts: string[]
  /** False: too many tasks run to count them in one step. */
  counted: boolean
}

/** Judges the hints of these lanes, up to 500, and how many tasks are said to run in each lane; with `repair` puts them right. */
export async function correctLanes(
  context: QueueContext,
  lanes: readonly string[],
  {repair}: {repair: boolean},
): Promise<LaneWrongs> {
  const {redis, keys, wakeChannel, name} = context
  const args = [scriptNow(context), repair ? 1 : 0, wakeChannel, name, mostCounted, ...lanes]
  const laneKeys = lanes.map((lane) => keys.lane(lane))
  const [hints, counts, running] = await script.run(redis, [...keys.fixed, ...laneKeys], args)
  return {hints, counts, counted: running <= mostCounted}
}
