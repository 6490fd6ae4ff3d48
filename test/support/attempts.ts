import type {Claim, Queue} from '../../src/queue/queue.js'
import type {Settlement} from '../../src/queue/scripts/settle.js'
import type {NewTask, Run, TaskState} from '../../src/task/task.js'
import {aTask} from './tasks.js'

export const leaseMs = 15_000
export const claimOptions = {leaseMs, limit: 500, laneConcurrency: 1000, lostLimit: 500}
export const keepAll = {keepDelivered: 1_000_000}

/** Claims what is due, and fails where that is not exactly one task. */
export async function claimOne(queue: Queue): Promise<Claim> {
  const {claims} = await queue.claim(claimOptions)
  const [claim] = claims
  if (!claim || claims.length > 1) throw new Error(`claimed ${claims.length} tasks, not one`)
  return claim
}

/** Adds a task and claims it. */
export async function hold(queue: Queue, overrides: Partial<NewTask> = {}): Promise<Claim> {
  await queue.add([aTask(overrides)])
  return claimOne(queue)
}

/** The run as it is when the claim's attempt has ended. */
export function ended({run, attempt}: Claim, changes: Partial<Run> = {}): Run {
  return {...run, attempts: attempt, ...changes}
}

export function complete(claim: Claim): Settlement {
  return {...settlementOf(claim), verdict: {op: 'complete', run: ended(claim)}}
}

export function retry(claim: Claim, waitMs: number): Settlement {
  return {...settlementOf(claim), verdict: {op: 'retry', run: ended(claim, {errors: claim.run.errors + 1}), waitMs}}
}

export function bury(claim: Claim): Settlement {
  return {...settlementOf(claim), verdict: {op: 'bury', run: ended(claim, {errors: claim.run.errors + 1})}}
}

/** Gives it back, due now unless an instant is given. */
export function release(claim: Claim, dueAt?: number): Settlement {
  return {...settlementOf(claim), verdict: {op: 'release', run: ended(claim)}, ...(dueAt !== undefined && {dueAt})}
}

/** What `reclaim` is given for a lost lease. */
export function lose(claim: Claim): Settlement {
  return {...settlementOf(claim), verdict: {op: 'release', run: ended(claim, {lostLeases: claim.run.lostLeases + 1})}}
}

function settlementOf({task, attempt}: Claim) {
  return {task, attempt}
}

/** Adds a task and takes it to a state; what waits for later is due in a minute. The queue must have nothing else due. */
export async function bringTo(state: TaskState, queue: Queue, overrides: Partial<NewTask> = {}): Promise<NewTask> {
  const task = aTask({due: {delayMs: state === 'scheduled' ? 60_000 : 0}, ...overrides})
  await queue.add([task])
  if (state === 'scheduled' || state === 'ready') return task
  const claim = await claimOne(queue)
  if (state === 'retrying') await queue.settle([retry(claim, 60_000)], keepAll)
  if (state === 'dead') await queue.settle([bury(claim)], keepAll)
  if (state === 'delivered') await queue.settle([complete(claim)], keepAll)
  return task
}
