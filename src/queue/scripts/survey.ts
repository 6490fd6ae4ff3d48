import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<
  [
    cursors: string[],
    looked: number,
    suspects: string[],
    lanes: string[],
    foreign: string[],
    unreadable: string[],
    seen: string[],
  ]
>('survey')

/** The sets of a queue that a task stands in, its lanes aside. */
export const queueParts = ['active', 'retrying', 'dead', 'delivered'] as const
export type QueuePart = (typeof queueParts)[number] | 'tasks'

/** An id with which something may be wrong. */
export interface Suspect {
  id: string
  /** The lane it was found in. */
  lane?: string
  /** The attempt whose lease was found. */
  attempt?: string
}

export interface Surveyed {
  /** Where to go on; `0` where all has been looked at. One for each lane that was asked about. */
  cursors: string[]
  looked: number
  suspects: Suspect[]
  /** Lanes that may never be claimed from. */
  lanes: string[]
  /** Lanes whose key is of another type. */
  foreign: string[]
  /** Tasks that nobody can read and that have not ended, and those of them that stand in a lane. */
  unreadable: string[]
  seen: string[]
}

/** Looks at about `count` members of a part, from a cursor on. */
export function survey(context: QueueContext, part: QueuePart, cursor: string, count: number): Promise<Surveyed> {
  return run(context, part, [], count, [cursor])
}

/** Looks at about `count` tasks of each of a few lanes. */
export function surveyLanes(
  context: QueueContext,
  lanes: readonly {name: string; cursor: string}[],
  count: number,
): Promise<Surveyed> {
  const keys = lanes.map(({name}) => context.keys.lane(name))
  const cursors = lanes.map(({cursor}) => cursor)
  return run(context, 'lanes', keys, count, cursors)
}

async function run(
  context: QueueContext,
  part: QueuePart | 'lanes',
  laneKeys: readonly string[],
  count: number,
  from: readonly string[],
): Promise<Surveyed> {
  const {redis, keys} = context
  const args = [scriptNow(context), part, keys.lanePrefix, count, ...from]
  const [cursors, looked, flat, lanes, foreign, unreadable, seen] = await script.run(redis, [...keys.fixed, ...laneKeys], args)
  return {cursors, looked, suspects: readSuspects(flat), lanes, foreign, unreadable, seen}
}

function readSuspects(flat: readonly string[]): Suspect[] {
  const suspects: Suspect[] = []
  for (let at = 0; at < flat.length; at += 3) {
    const [id = '', lane = '', attempt = ''] = flat.slice(at, at + 3)
    suspects.push({id, ...(lane !== '' && {lane}), ...(attempt !== '' && {attempt})})
  }
  return suspects
}
