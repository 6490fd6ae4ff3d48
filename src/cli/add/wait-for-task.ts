import {setTimeout as delay} from 'node:timers/promises'

import {TorqueError} from '../../errors.js'
import {formatDuration} from '../../task/duration.js'
import type {TaskDoor, TaskProgress} from './task-door.js'

export interface WaitOptions {
  /** Undefined: as long as it takes. */
  timeoutMs: number | undefined
  /** Ends the waiting, with no error. */
  signal: AbortSignal
}

export interface Awaited {
  /** As it was seen last; null when it never was. */
  progress: TaskProgress | null
  /** Why it is not known to be delivered: it died, the time is up, or waiting failed. */
  error: TorqueError | null
}

interface WaitedFor {
  id: string
  queue: string
}

/** Soon at first, for the task that is delivered at once; then seldom enough for many to wait side by side. */
const firstPauseMs = 20
const longestPauseMs = 500

/** The longest timer Node has; beyond it fires at once. */
const longestTimerMs = 2 ** 31 - 1

/** Waits until a task is delivered or dead, or until the time is up. The task is in: that waiting fails is no reason to throw. */
export async function waitForTask(door: TaskDoor, task: WaitedFor, {timeoutMs, signal}: WaitOptions): Promise<Awaited> {
  const limit = timeoutMs === undefined ? [] : [AbortSignal.timeout(Math.min(timeoutMs, longestTimerMs))]
  const over = AbortSignal.any([signal, ...limit])
  let progress: TaskProgress | null = null
  try {
    for await (progress of readings(door, task, over)) if (hasEnded(progress)) break
    return {progress, error: signal.aborted ? null : verdict(task, progress, timeoutMs)}
  } catch (error) {
    if (!(error instanceof TorqueError)) throw error
    return {progress, error: cannotWait(task, error)}
  }
}

async function* readings(door: TaskDoor, {id, queue}: WaitedFor, over: AbortSignal): AsyncGenerator<TaskProgress> {
  for (let pauseMs = firstPauseMs; !over.aborted; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const progress = await unless(over, door.progress(id, queue))
    if (progress === undefined) return
    if (progress === null) throw noLongerKept()
    yield progressOf(progress)
    await delay(pauseMs, undefined, {signal: over}).catch(() => {})
  }
}

/** No more than that: a door may tell all about the task. */
function progressOf({state, dueAt, attempt, errors, lastError}: TaskProgress): TaskProgress {
  return {state, dueAt, attempt, errors, lastError}
}

/** Undefined where the time is up first: whoever is asked may keep silent for longer. */
function unless<T>(over: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined)
    over.addEventListener('abort', stop, {once: true})
    work.then(resolve, reject).finally(() => over.removeEventListener('abort', stop))
  })
}

const hasEnded = ({state}: TaskProgress) => state === 'delivered' || state === 'dead'

function verdict({id}: WaitedFor, progress: TaskProgress | null, timeoutMs = 0): TorqueError | null {
  if (progress?.state === 'delivered') return null
  const why = progress?.lastError?.message ?? progress?.lastError?.code
  if (progress?.state === 'dead') return new TorqueError('task_dead', why ? `${id} is dead: ${why}` : `${id} is dead`, {id})
  const state = progress ? `is still ${progress.state}` : 'is not known to be delivered'
  return new TorqueError('timed_out', `${id} ${state} after ${formatDuration(timeoutMs)}: ${why ?? 'no attempt has ended yet'}`, {
    id,
    hint: 'It stays in its queue.',
  })
}

function noLongerKept(): TorqueError {
  return new TorqueError('no_such_task', 'it is no longer kept: delivered, or purged', {
    hint: 'A `serve` with --keep-delivered 0, or a small number, forgets what it has delivered.',
  })
}

/** It has been added: an unknown outcome is none of its adding. */
function cannotWait({id}: WaitedFor, {code, message, hint, cause}: TorqueError): TorqueError {
  const known = code === 'outcome_unknown' ? 'redis_unavailable' : code
  const advice = code === 'forbidden' ? 'Waiting takes a token that may read: TORQUE_AUTH_TOKEN.' : hint
  return new TorqueError(known, `${id} was added, and cannot be waited for: ${message}`, {
    id,
    cause,
    ...(advice && {hint: advice}),
  })
}
