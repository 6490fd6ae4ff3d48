import type {RedisClient} from '../../src/queue/redis/connect.js'
import {QueueKeys} from '../../src/queue/keys.js'

type Scores = Record<string, number>

/** Everything that Redis holds of a queue, as it stands there. */
export interface StoredQueue {
  tasks: string[]
  /** `attempts,errors,lostLeases` by id. */
  runs: Record<string, string>
  lanes: Scores
  /** Waiting tasks by lane; lanes without any are left out. */
  waiting: Record<string, Scores>
  active: Scores
  laneActive: Record<string, string>
  retrying: Scores
  dead: Scores
  delivered: Scores
  counters: Record<string, string>
  /** Entry by dedup key, and whether it expires. */
  dedup: Record<string, {entry: string; expires: boolean}>
}

/** Reads a queue in one step. Every key of it must be one of these lanes' or dedup keys, or of the fixed ones. */
export async function readQueue(
  redis: RedisClient,
  namespace: string,
  {lanes, dedupKeys}: {lanes: readonly string[]; dedupKeys: readonly string[]},
): Promise<StoredQueue> {
  const keys = new QueueKeys(namespace, 'default')
  const [tasks, runs, lanesKey, active, laneActive, retrying, dead, delivered, counters] = keys.fixed as [string, ...string[]]
  const multi = redis.multi().hkeys(tasks).hgetall(runs!).hgetall(laneActive!).hgetall(counters!)
  for (const set of [lanesKey, active, retrying, dead, delivered]) multi.zrange(set!, '0', '-1', 'WITHSCORES')
  for (const lane of lanes) multi.zrange(keys.lane(lane), '0', '-1', 'WITHSCORES')
  for (const key of dedupKeys) multi.get(keys.dedup(key)).pttl(keys.dedup(key))
  const replies = ((await multi.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error
    return reply
  })
  const sets = replies.slice(4, 9 + lanes.length).map((flat) => scores(flat as string[]))
  const dedup = replies.slice(9 + lanes.length) as (string | number | null)[]
  return {
    tasks: (replies[0] as string[]).toSorted(),
    runs: firstLines(replies[1] as Record<string, string>),
    laneActive: replies[2] as Record<string, string>,
    counters: replies[3] as Record<string, string>,
    lanes: sets[0]!,
    active: sets[1]!,
    retrying: sets[2]!,
    dead: sets[3]!,
    delivered: sets[4]!,
    waiting: Object.fromEntries(
      lanes.map((lane, index) => [lane, sets[5 + index]!]).filter(([, set]) => Object.keys(set!).length > 0),
    ),
    dedup: Object.fromEntries(
      dedupKeys.flatMap((key, index) => {
        const entry = dedup[2 * index]
        return typeof entry === 'string' ? [[key, {entry, expires: Number(dedup[2 * index + 1]) > 0}]] : []
      }),
    ),
  }
}

function scores(flat: readonly string[]): Scores {
  const found: Scores = {}
  for (let at = 0; at < flat.length; at += 2) found[flat[at]!] = Number(flat[at + 1])
  return found
}

function firstLines(runs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(runs).map(([id, run]) => [id, run.split('\n')[0]!]))
}
