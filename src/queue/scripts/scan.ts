import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<string[][]>('scan')

/** Where a listing stands: behind (or, inclusive, at) this member of a sorted set. */
export interface Position {
  score: number
  member: string
}

export interface ScanOptions {
  order: 'up' | 'down'
  /** Absent: from the start. */
  after?: Position | undefined
  /** Begin with the position itself. */
  inclusive?: boolean
  /** Most members per set. */
  limit: number
}

/** What follows a position in each of up to 500 sorted sets, in order. */
export async function scan(context: QueueContext, sets: readonly string[], options: ScanOptions): Promise<Position[][]> {
  const {order, after, inclusive = false, limit} = options
  const args = [scriptNow(context), order, after?.score ?? '', after?.member ?? '', inclusive ? 1 : 0, limit]
  const pages = await script.run(context.redis, [...context.keys.fixed, ...sets], args)
  // In a cluster there is an empty one more: see `absentKey`.
  return pages.slice(0, sets.length).map((flat) => {
    const positions: Position[] = []
    for (let at = 0; at < flat.length; at += 2) positions.push({member: flat[at] ?? '', score: Number(flat[at + 1])})
    return positions
  })
}
