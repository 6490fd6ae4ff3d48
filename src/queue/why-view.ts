import {shellQuote} from '../shell-quote.js'
import type {TaskRecord} from '../task/task.js'
import {isoInstant} from '../task/view.js'
import {type Facts, type ReasonCode, nextAttemptAt, whyNotDelivered} from './why.js'

/** The answer as users see it, over HTTP and with `--json`. */
export interface WhyView {
  id: string
  queue: string
  state: TaskRecord['state']
  /** Of the schedule that added it; null: none did, or it is no more. */
  schedule: string | null
  dueAt: string | null
  leaseEndsAt: string | null
  endedAt: string | null
  nextAttemptAt: string | null
  reasons: {code: ReasonCode; message: string; until: string | null; help: {does: string; command: string} | null}[]
}

/** `place` is what the commands need to find the same Redis. */
export function whyView(facts: Facts, {schedule, place}: {schedule: string | null; place: readonly string[]}): WhyView {
  const {task, queue, state, dueAt, leaseEndsAt, endedAt} = facts.record
  const reasons = whyNotDelivered(facts)
  const command = (words: readonly string[]) => ['torque', ...words, ...place].map(shellQuote).join(' ')
  return {
    id: task.id,
    queue,
    state,
    schedule,
    dueAt: isoInstant(dueAt),
    leaseEndsAt: isoInstant(leaseEndsAt),
    endedAt: isoInstant(endedAt),
    nextAttemptAt: isoInstant(nextAttemptAt(facts, reasons)),
    reasons: reasons.map(({code, message, until, help}) => {
      return {code, message, until: isoInstant(until), help: help ? {does: help.does, command: command(help.words)} : null}
    }),
  }
}
