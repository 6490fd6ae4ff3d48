import {createHash} from 'node:crypto'

import {originOf} from './origin.js'
import type {Policy} from './policy.js'
import {stringifyJson} from './raw-json.js'
import {traceOf} from './trace.js'
import type {NewTask, Task} from './task.js'
import type {Verdict} from './verdict.js'
import {taskView} from './view.js'

export interface CallbackContext {
  task: Task
  queue: string
  policy: Policy
  /** When it ended, as near as this process can tell, ms since the epoch. */
  endedAt: number
}

/** No id is longer. */
const longestId = 64

/** The verdict with the task that tells of the end it means, where somebody wants to be told. */
export function withCallback(verdict: Verdict, context: CallbackContext): Verdict {
  const url = verdict.op === 'complete' ? context.policy.onDelivered : verdict.op === 'bury' ? context.policy.onDead : undefined
  return url ? {...verdict, callback: callbackTask(url, verdict, context)} : verdict
}

/** An ordinary task of the same queue, whose own end nobody is told of. Told twice of one end, it is one task: its id says which. */
function callbackTask(url: string, verdict: Verdict, {task, queue, policy, endedAt}: CallbackContext): NewTask {
  const {traceparent, tracestate} = task.headers
  return {
    id: callbackId(task, verdict),
    queue,
    url,
    method: 'POST',
    payload: {kind: 'json', text: callbackText(verdict, {task, queue, policy, endedAt})},
    headers: {...(traceparent !== undefined && {traceparent}), ...(tracestate !== undefined && {tracestate})},
    flowKey: originOf(url),
    onDelivered: '',
    onDead: '',
    due: {delayMs: 0},
    dedupKeys: [],
    fingerprint: '',
  }
}

/** Of this end of the task: one that is revived may end again, and an id that is free again may be given to another task. */
function callbackId({id, createdAt}: Task, {op, run}: Verdict): string {
  const end = `-${op === 'complete' ? 'delivered' : 'dead'}-${run.attempts}-${createdAt.toString(36)}`
  if (id.length + end.length <= longestId) return id + end
  return createHash('sha256').update(id).digest('base64url').slice(0, 22) + end
}

/** What it tells: the task but for its headers, which may hold what its own target only is to know, and its last attempt. */
function callbackText({op, run}: Verdict, {task, queue, policy, endedAt}: CallbackContext): string {
  const state = op === 'complete' ? 'delivered' : 'dead'
  const record = {task, queue, state, run, dueAt: null, leaseEndsAt: null, endedAt} as const
  const {headers: _headers, attempts, ...view} = taskView(record, policy, {attempts: true})
  return stringifyJson({event: `task.${state}`, task: view, lastAttempt: attempts?.at(-1) ?? null, ...traceOf(task)})
}
