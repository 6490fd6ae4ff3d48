import {encodeRun, encodeTask} from '../../task/codec.js'
import type {NewTask} from '../../task/task.js'
import type {TargetSign, Verdict} from '../../task/verdict.js'
import {BatchKeys, type Keyed} from '../batch-keys.js'
import {type QueueContext, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<number[]>('settle', {libraries: ['limits', 'troubles']})

/** What to write for one ended attempt. */
export interface Settlement {
  task: Keyed & {id: string}
  attempt: number
  verdict: Verdict
  /** When a released task is due, ms since the epoch; absent: now. */
  dueAt?: number | undefined
  /** Its target has answered, and that is worth noting: it had not for long. */
  isProof?: boolean | undefined
}

export interface SettleOptions {
  /** How many delivered tasks the queue keeps. */
  keepDelivered: number
}

/**
 * Writes up to 500 verdicts in one step. Resolves to the settlements that came too late, whose task another attempt, or nobody,
 * holds now: those changed nothing. Sent twice, the second one is too late throughout.
 */
export function settle<Item extends Settlement>(
  context: QueueContext,
  items: readonly Item[],
  options: SettleOptions,
): Promise<Item[]> {
  return write(context, items, {...options, onlyLost: false})
}

/** The same for tasks whose lease has run out, as `claim` named them; one that was extended meanwhile is left alone. */
export function reclaim<Item extends Settlement>(context: QueueContext, items: readonly Item[]): Promise<Item[]> {
  // Nothing is delivered by losing a lease, so the limit is never used.
  return write(context, items, {keepDelivered: 0, onlyLost: true})
}

async function write<Item extends Settlement>(
  context: QueueContext,
  items: readonly Item[],
  {keepDelivered, onlyLost}: SettleOptions & {onlyLost: boolean},
): Promise<Item[]> {
  const callbacks = items.flatMap(({verdict}) => verdict.callback ?? [])
  const tasks: Keyed[] = items.map(({task}) => task)
  if (callbacks.length > 0) tasks.push(...callbacks)
  const keys = new BatchKeys(context.keys, tasks, context.keys.limited)
  const args: (string | number)[] = [
    scriptNow(context),
    keepDelivered,
    onlyLost ? 1 : 0,
    context.wakeChannel,
    context.name,
    provenLanes(items, keys),
    keys.laneNames.length,
    ...keys.laneNames,
  ]
  for (const {task, attempt, verdict, dueAt} of items) {
    const run = encodeRun(verdict.run)
    const what = whatToDo(keys.lane(task), verdict, dueAt, keys.dedup(task))
    const {callback} = verdict
    if (callback) args.push(`${what}${callbackText(callback, keys, run)}`, task.id, attempt, run + encodeTask(callback))
    else args.push(what, task.id, attempt, run)
  }
  const gone = await script.run(context.redis, keys.all, args)
  return gone.flatMap((index) => items[index - 1] ?? [])
}

/** Indexes of the lanes whose targets are known to answer from now on. */
function provenLanes(items: readonly Settlement[], keys: BatchKeys): string {
  let lanes = ''
  for (const {task, isProof} of items) if (isProof) lanes += `${keys.lane(task)},`
  return lanes
}

/** Where its lane is, and where it begins behind the run. */
function callbackText(callback: NewTask, keys: BatchKeys, run: string): string {
  return ` ${keys.lane(callback)} ${callback.id} ${Buffer.byteLength(run)}`
}

/** The script's word for it; the shortest for what most of them are. */
function whatToDo(lane: number, verdict: Verdict, dueAt: number | undefined, dedup: string): string | number {
  if (verdict.op === 'complete' && dedup === '' && !verdict.callback) return lane
  const due = verdict.op === 'retry' ? verdict.waitMs : verdict.op === 'release' ? dueAt : undefined
  return `${lane} ${verdict.op} ${due ?? ''} ${dedup} ${signText(verdict.target)}`
}

function signText(sign: TargetSign | undefined): string | number {
  if (sign === undefined) return ''
  return sign === 'answered' ? '+' : sign.quietMs
}
