import {readRun, readTask, unreadableTask} from '../../task/codec.js'
import type {Run, Task} from '../../task/task.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<[now: number, nextDueMs: number, claims: string[], lost: (string | null)[], passedOver: 0 | 1]>('claim')

export interface ClaimOptions {
  /** How long the claim holds before another process may take the task. */
  leaseMs: number
  /** Most tasks to claim, 0 to 500. */
  limit: number
  /** Most active tasks of one lane over all processes; 0: no lane holds more places of this process than it leaves free. */
  laneConcurrency: number
  /** How many calls of each lane run in this process; only looked at without a limit. */
  running?: ReadonlyMap<string, number> | undefined
  /** How many free places of this process the lanes may share out among themselves; as many as `limit` unless given. */
  free?: number
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
  /** Tasks whose lease ran out, for reclaim. */
  lost: Claim[]
  /** A lane has more that is due, but no more room in this process until one of its calls ends. */
  passedOver: boolean
}

/** Begins an attempt on up to `limit` due tasks. */
export async function claim(context: QueueContext, options: ClaimOptions): Promise<Claimed> {
  const {leaseMs, limit, laneConcurrency, lostLimit, running, free = limit} = options
  const args = [scriptNow(context), leaseMs, limit, laneConcurrency, context.keys.lanePrefix, lostLimit, free]
  if (laneConcurrency === 0 && running) for (const [lane, count] of running) args.push(lane, count)
  const [now, nextDueMs, flat, lost, passedOver] = await script.run(context.redis, context.keys.fixed, args)
  const claimed: Claimed = {
    now,
    nextDueMs: nextDueMs < 0 ? null : nextDueMs,
    claims: [],
    corrupt: [],
    lost: readLost(lost, now),
    passedOver: passedOver === 1,
  }
  for (let at = 0; at < flat.length; at += 5) {
    const [id = '', stored = '', storedRun = null, due, lane] = flat.slice(at, at + 5)
    const run = readRun(storedRun)
    const task = readTask(id, stored)
    const claim = {task: task ?? unreadableTask(id, stored, lane), run, attempt: run.attempts + 1, dueAt: Number(due)}
    ;(task ? claimed.claims : claimed.corrupt).push(claim)
  }
  return claimed
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
