import {newTask} from '../../src/task/new-task.js'
import {patiently} from '../support/patiently.js'
import {type Answers, openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque} from '../support/torque.js'
import {expect} from 'vitest'

/** A `serve` with two workers, and a receiver to call; ended when the test ends. */
export async function startWorkers(args: readonly string[] = [], answers: Answers = {}) {
  const torque = await openTorque()
  const receiver = await openReceiver(answers)
  const serve = await startServe(torque.env, ['--workers', '2', ...args])
  /** Their process ids, as they announce them. */
  const pids = async () => (await torque.store.processes.live()).map(({pid}) => pid)
  const add = (count = 1) => torque.queue.add(Array.from({length: count}, () => newTask({url: receiver.url()})))
  const totals = async () => (await torque.inspector.stats()).totals
  return {...torque, receiver, serve, pids, add, totals}
}

/** Resolves when none of them is there any more. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isThere), patiently).toEqual([])
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
