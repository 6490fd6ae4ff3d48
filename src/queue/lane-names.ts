import {type QueueContext, ask} from './context.js'

/** A step over the lanes: there may be as many as there are tasks, and all of them at once would hold up everybody else. */
const stepSize = 1000

/** The lanes with waiting tasks, in no order; each that has some all the while is among them. */
export async function laneNames({redis, keys}: QueueContext): Promise<string[]> {
  const names = new Set<string>()
  let cursor = '0'
  do {
    const [next, found] = await ask(() => redis.zscan(keys.lanes, cursor, 'COUNT', stepSize))
    for (let at = 0; at < found.length; at += 2) names.add(found[at] ?? '')
    cursor = next
  } while (cursor !== '0')
  return [...names]
}
