import {isOfLaterVersion, readRun, readTask, unreadableTask} from '../../task/codec.js'
import type {Run, Task} from '../../task/task.js'
import {type QueueSettings, readSettings} from '../../task/queue-settings.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<Reply>('claim', {libraries: ['limits']})

type Reply = [
  now: number,
  nextDueMs: number,
  passedOver: 0 | 1,
  isEmpty: 0 | 1,
  ids: string[],
  dues: string[],
  tasks: (string | null)[],
  runs: (string | null)[],
  lanes: string[],
  counts: number[],
  lost: (string | null)[],
  settings: string[],
  isPaused: 0 | 1,
  heldMs: number,
]

export interface ClaimOptions {
  /** How long the claim holds before another process may take the task. */
  leaseMs: number
  /** Most tasks to claim, 0 to 500. */
  limit: number
  /** Most active tasks of one lane over all processes, unless the queue's settings say; 0: no lane holds more places of this process than it leaves free. */
  laneConcurrency: number
  /** How many calls of each lane run in this process; only looked at without a limit. */
  running?: ReadonlyMap<string, number> | undefined
  /** How many free places of this process the lanes may share out among themselves; as many as `limit` unless given. */
  free?: number
  /** How many of `limit` would have to wait for their places; none unless given. Where a rate is set they are not claimed. */
  ahead?: number
  /** How many places lanes may take whose targets are not known to answer; any number unless given. */
  strangers?: number
  /** The same, but for the first call of each that has not failed or been passed over. */
  suspects?: number
  /** Most tasks with a lost lease to name. */
  lostLimit: number
}

/** A task in hand: an attempt has begun and its lease runs. */
export interface Claim {
  task: Task
  run: Run
  attempt: number
  /** When it was due, ms since the epoch. */
  dueAt: number
}

export interface Claimed {
  /** Redis time of the claim, ms since the epoch. */
  now: number
  /** Until a lane has something to do; 0: it has now; null: nothing waits. */
  nextDueMs: number | null
  claims: Claim[]
  /** Claimed as well, but their stored form cannot be read: for the dead-letter set. */
  corrupt: Claim[]
  /** Claimed as well, but a later version of torque wrote them: for a process that can read them. */
  later: Claim[]
  /** Tasks whose lease ran out, for reclaim. */
  lost: Claim[]
  /** A lane has more that is due, but no more room in this process until one of its calls ends. */
  passedOver: boolean
  /** Nothing waits and nothing runs, anywhere. */
  isEmpty: boolean
  /** Of the queue, as they are now; undefined where none are set. */
  settings: QueueSettings | undefined
  isPaused: boolean
  /** How long a rate, or the number of active tasks, holds back what is due. */
  heldMs: number
}

/** Begins an attempt on up to `limit` due tasks. */
export async function claim(context: QueueContext, options: ClaimOptions): Promise<Claimed> {
  const {leaseMs, limit, laneConcurrency, lostLimit, running, free = limit} = options
  const {ahead = 0, strangers = limit, suspects = limit} = options
  const args = [scriptNow(context), leaseMs, limit, laneConcurrency, context.keys.lanePrefix, lostLimit, free]
  args.push(ahead, strangers, suspects)
  if (laneConcurrency === 0 && running) for (const [lane, count] of running) args.push(lane, count)
  const reply = await script.run(context.redis, context.keys.limited, args)
  const [now, nextDueMs, passedOver, isEmpty, , , , , , , lost, settings, isPaused, heldMs] = reply
  return {
    now,
    nextDueMs: nextDueMs < 0 ? null : nextDueMs,
    ...readClaims(reply),
    lost: readLost(lost, now),
    passedOver: passedOver === 1,
    isEmpty: isEmpty === 1,
    settings: settings.length === 0 ? undefined : readSettings(settings),
    isPaused: isPaused === 1,
    heldMs,
  }
}

function readClaims([, , , , ids, dues, tasks, runs, lanes, counts]: Reply): Pick<Claimed, 'claims' | 'corrupt' | 'later'> {
  const read: Pick<Claimed, 'claims' | 'corrupt' | 'later'> = {claims: [], corrupt: [], later: []}
  for (let at = 0; at < ids.length; at++) {
    const [id, stored] = [ids[at]!, tasks[at]]
    if (stored === null || stored === undefined) continue
    const run = readRun(runs[at] ?? null)
    const task = readTask(id, stored)
    const claim = {
      task: task ?? unreadableTask(id, stored, lanes[takeOf(at, counts)]),
      run,
      attempt: run.attempts + 1,
      dueAt: Number(dues[at]),
    }
    read[task ? 'claims' : isOfLaterVersion(stored) ? 'later' : 'corrupt'].push(claim)
  }
  return read
}

/** Which of the takes the id at this place is of. */
function takeOf(at: number, counts: readonly number[]): number {
  let end = 0
  return counts.findIndex((count) => at < (end += count))
}

function readLost(flat: (string | null)[], now: number): Claim[] {
  const lost: Claim[] = []
  for (let at = 0; at < flat.length; at += 3) {
    const [id = '', attempt] = flat[at]?.split('#') ?? []
    const stored = flat[at + 1] ?? ''
    lost.push({
      task: readTask(id, stored) ?? unreadableTask(id, stored),
      run: readRun(flat[at + 2] ?? null),
      attempt: Number(attempt),
      dueAt: now,
    })
  }
  return lost
}
