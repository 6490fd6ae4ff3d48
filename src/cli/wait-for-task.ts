import {setTimeout as delay} from 'node:timers/promises'

import {noSuchTask} from '../queue/find-tasks.js'
import type {TaskDoor, TaskProgress} from './task-door.js'

export interface WaitOptions {
  /** Undefined: as long as it takes. */
  timeoutMs: number | undefined
}

export interface Awaited {
  progress: TaskProgress
  exitCode: number
}

/** Soon at first, for the task that is delivered at once; then seldom enough for many to wait side by side. */
const firstPauseMs = 20
const longestPauseMs = 500

/** Waits until a task is delivered (exit code 0) or dead (5), or until the time is up (124). */
export async function waitForTask(
  door: TaskDoor,
  {id, queue}: {id: string; queue: string},
  {timeoutMs}: WaitOptions,
): Promise<Awaited> {
  const endAt = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY)
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const progress = await door.progress(id, queue)
    // Purged, or delivered where no delivered tasks are kept: nobody can tell any more.
    if (!progress) throw noSuchTask(id)
    if (progress.state === 'delivered') return {progress, exitCode: 0}
    if (progress.state === 'dead') return {progress, exitCode: 5}
    const leftMs = endAt - performance.now()
    if (leftMs <= 0) return {progress, exitCode: 124}
    await delay(Math.min(pauseMs, leftMs))
  }
}
