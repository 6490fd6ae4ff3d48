import {formatDuration} from '../task/duration.js'
import type {TaskRecord} from '../task/task.js'
import type {Obstacles} from './limits-inspector.js'
import {type ProcessInfo, takesQueue} from './process-registry.js'

/** Why a task has not been delivered, or that it has. */
export const reasonCodes = [
  'delivered',
  'dead',
  'active',
  'lease_over',
  'no_serve',
  'queue_not_served',
  'paused',
  'retry_later',
  'scheduled',
  'lane_set_aside',
  'lane_probed',
  'lane_rate',
  'lane_full',
  'rate',
  'queue_full',
  'serves_full',
  'its_turn',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

export interface Reason {
  code: ReasonCode
  message: string
  /** When it ends by itself, ms since the epoch; null: that nobody can tell. */
  until: number | null
  /** What helps, and the words of the command. */
  help?: {does: string; words: readonly string[]}
}

/** Everything that a judgement needs, as of one moment. */
export interface Facts {
  record: TaskRecord
  obstacles: Obstacles
  /** The live `serve`s. */
  processes: readonly ProcessInfo[]
  maxErrors: number
}

/** Every reason why the task is not delivered, the one that matters most first; never empty. `now` is that of the obstacles. */
export function whyNotDelivered(facts: Facts): Reason[] {
  const {state} = facts.record
  if (state === 'delivered') return [delivered(facts)]
  if (state === 'dead') return [dead(facts)]
  const nobody = nobodyTakes(facts)
  if (state === 'active') return [...activeNow(facts), ...nobody]
  const standing = [...nobody, ...paused(facts), ...notDue(facts), ...heldLane(facts), ...heldQueue(facts)]
  return standing.length > 0 ? standing : [itsTurn(facts)]
}

/** The earliest instant at which its next attempt may begin; null: there will be none, one runs, or somebody must act first. */
export function nextAttemptAt({record: {state, dueAt}, obstacles: {now}}: Facts, reasons: readonly Reason[]): number | null {
  if (state === 'delivered' || state === 'dead' || state === 'active') return null
  if (reasons.some(({code}) => code === 'no_serve' || code === 'queue_not_served')) return null
  if (reasons.some(({code, until}) => code === 'paused' && until === null)) return null
  return Math.max(now, dueAt ?? now, ...reasons.map(({until}) => until ?? 0))
}

function delivered({record: {endedAt, run}, obstacles: {now}}: Facts): Reason {
  return {code: 'delivered', message: `it was delivered ${ago(endedAt, now)}, by attempt ${run.attempts}`, until: null}
}

/** Errors that no other attempt follows, whatever `maxErrors` says; in words. */
const finalErrors: Partial<Record<string, string>> = {
  gone: 'its target answered 410 Gone, which asks for no other attempt',
  no_retry: 'its target answered in a way that asks for no other attempt',
  egress_denied: 'its address is not allowed by the rules of serve for where hooks may go',
  expired: 'it got older than its maxAge',
  lease_lost: 'too many processes went away under it',
  corrupt: 'what is stored of it cannot be read',
}

function dead({record: {task, run, endedAt, queue}, obstacles: {now}, maxErrors}: Facts): Reason {
  const last = run.history.at(-1)
  const cause = last?.error
    ? (finalErrors[last.error] ?? `error ${run.errors} of ${maxErrors} was its last`)
    : 'it ran out of errors'
  const words = last?.error ? `: ${last.message ?? last.error}` : ''
  const isCorrupt = last?.error === 'corrupt'
  return {
    code: 'dead',
    message: `it died ${ago(endedAt, now)}: ${cause}${words}`,
    until: null,
    help: isCorrupt
      ? {does: 'delete it', words: ['purge', task.id, '--queue', queue]}
      : {does: 'give it a new set of attempts, once the cause is mended', words: ['retry', task.id, '--queue', queue]},
  }
}

function activeNow({record: {run, leaseEndsAt}, obstacles: {now}}: Facts): Reason[] {
  const attempt = `attempt ${run.attempts + 1}`
  const ends = leaseEndsAt ?? now
  if (ends > now)
    return [
      {
        code: 'active',
        message: `${attempt} is running: its lease ends ${ahead(ends, now)}, and is extended for as long as the call runs`,
        until: null,
      },
    ]
  return [{code: 'lease_over', message: `${attempt} was lost with its process: its lease ended ${ago(ends, now)}`, until: null}]
}

function nobodyTakes({record: {queue}, processes}: Facts): Reason[] {
  if (processes.some((each) => takesQueue(each, queue))) return []
  if (processes.length === 0)
    return [
      {
        code: 'no_serve',
        message: 'no serve is running, or none that was heard of in the last 30s',
        until: null,
        help: {does: 'start one', words: ['serve']},
      },
    ]
  return [
    {
      code: 'queue_not_served',
      message: `no running serve calls the tasks of queue ${queue}`,
      until: null,
      help: {does: 'start one that does, or give one that runs this queue as well', words: ['serve', '--queue', queue]},
    },
  ]
}

function paused({record: {queue}, obstacles: {pause, now}}: Facts): Reason[] {
  if (!pause) return []
  const until = pause.until === null ? 'until it is resumed' : `for ${formatDuration(pause.until - now)} more`
  const message = `queue ${queue} is paused ${until}${pause.reason === null ? '' : `: ${pause.reason}`}`
  return [{code: 'paused', message, until: pause.until, help: {does: 'let the queue go on', words: ['resume', queue]}}]
}

function notDue({record: {task, queue, state, dueAt, run}, obstacles: {now}, maxErrors}: Facts): Reason[] {
  if (dueAt === null || dueAt <= now) return []
  const help = {does: 'have it called now', words: ['retry', task.id, '--queue', queue]}
  if (state !== 'retrying') return [{code: 'scheduled', message: `it is due ${ahead(dueAt, now)}`, until: dueAt, help}]
  const failed = run.history.findLast(({error}) => error !== null)
  const after = failed ? `, after ${failed.message ?? failed.error}` : ''
  const message = `it is tried again ${ahead(dueAt, now)}${after} (error ${run.errors} of ${maxErrors})`
  return [{code: 'retry_later', message, until: dueAt, help}]
}

/** What is over before the task is due stands in nobody's way. */
const outlasts = (until: number, {record: {dueAt}, obstacles: {now}}: Facts) => until > Math.max(now, dueAt ?? 0)

function heldLane(facts: Facts): Reason[] {
  const {record, obstacles, processes} = facts
  const {now, lane, laneConcurrency} = obstacles
  const {flowKey, trouble, nextTokenAt, active} = lane
  const reset = {does: 'have its lane called again at once', words: ['lanes', 'reset', flowKey, '--queue', record.queue]}
  const reasons: Reason[] = []
  if (trouble?.isProbed && isDue(facts)) {
    const message = `its lane ${flowKey} was set aside after ${failures(trouble.failures)}: one call is finding out whether it answers again`
    reasons.push({code: 'lane_probed', message, until: null, help: reset})
  } else if (trouble?.setAsideUntil != null && outlasts(trouble.setAsideUntil, facts)) {
    const message = `its lane ${flowKey} is set aside after ${failures(trouble.failures)} in a row: one call is made ${ahead(trouble.setAsideUntil, now)}`
    reasons.push({code: 'lane_set_aside', message, until: trouble.setAsideUntil, help: reset})
  }
  if (nextTokenAt !== null && outlasts(nextTokenAt, facts)) {
    const message = `the rate of its lane ${flowKey} lets the next call begin ${ahead(nextTokenAt, now)}`
    reasons.push({code: 'lane_rate', message, until: nextTokenAt, help: lift(record.queue, 'lane-rate')})
  }
  const most = laneConcurrency ?? Math.max(0, ...processes.map((each) => each.laneConcurrency ?? 0))
  if (most > 0 && active >= most && isDue(facts)) {
    const message = `its lane ${flowKey} is full: ${active} of ${most} calls run`
    reasons.push({
      code: 'lane_full',
      message,
      until: null,
      ...(laneConcurrency !== null && {help: lift(record.queue, 'lane-concurrency')}),
    })
  }
  return reasons
}

function heldQueue(facts: Facts): Reason[] {
  const {record, obstacles, processes} = facts
  const {now, nextTokenAt, active, concurrency} = obstacles
  const reasons: Reason[] = []
  if (nextTokenAt !== null && outlasts(nextTokenAt, facts)) {
    const message = `the rate of queue ${record.queue} lets the next call begin ${ahead(nextTokenAt, now)}`
    reasons.push({code: 'rate', message, until: nextTokenAt, help: lift(record.queue, 'rate')})
  }
  if (concurrency !== null && active >= concurrency && isDue(facts)) {
    const message = `queue ${record.queue} is full: ${active} of ${concurrency} calls run`
    reasons.push({code: 'queue_full', message, until: null, help: lift(record.queue, 'concurrency')})
  }
  const serves = processes.filter((each) => takesQueue(each, record.queue))
  const isFull = ({inFlight, concurrency: places = Infinity}: ProcessInfo) => inFlight >= places
  if (serves.length > 0 && serves.every(isFull) && isDue(facts))
    reasons.push({
      code: 'serves_full',
      message: 'every serve that takes its queue had all its places in use when last heard of',
      until: null,
    })
  return reasons
}

function itsTurn({record: {dueAt}, obstacles: {now, lane}}: Facts): Reason {
  const due = `${lane.due} ${lane.due === 1 ? 'task' : 'tasks'} of its lane ${lane.due === 1 ? 'is' : 'are'} due, and ${lane.active} active`
  return {
    code: 'its_turn',
    message: `nothing holds it back, and its turn is next to come: due since ${formatDuration(now - (dueAt ?? now))}; ${due}`,
    until: null,
  }
}

function lift(queue: string, setting: string): NonNullable<Reason['help']> {
  return {does: 'lift that limit', words: ['queues', 'set', queue, `--${setting}`, 'none']}
}

const isDue = ({record: {dueAt}, obstacles: {now}}: Facts) => dueAt === null || dueAt <= now
const failures = (count: number) => `${count} ${count === 1 ? 'failure' : 'failures'}`
const ahead = (at: number, now: number) => `in ${formatDuration(at - now)}`
const ago = (at: number | null, now: number) => `${formatDuration(now - (at ?? now))} ago`
