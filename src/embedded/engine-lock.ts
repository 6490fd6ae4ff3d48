import {readFile} from 'node:fs/promises'

import {findProgram} from './find-program.js'
import type {Environment, HomePaths} from './home.js'
import {type Lock, tryLock} from './lock.js'
import {runProgram} from './run-program.js'

/**
 * The right to start an engine on the data of a home, or `null` while one is alive there. Two engines on one append-only file
 * would both keep running and ruin it. The lock is passed on to the engine, which holds it as long as it lives, also when its
 * socket is gone or its `serve` is. Without `flock` no child can hold a lock: there the engine's pid file has to do, beside its
 * socket, which the caller has tried, and the lock of `serve`, which the caller holds.
 */
export async function lockEngine(paths: HomePaths, env: Environment): Promise<Lock | null> {
  if (await findProgram('flock', env)) return tryLock(paths.engineLock, env)
  return (await runsByPidFile(paths, env)) ? null : {fd: undefined, release: () => Promise.resolve()}
}

/** The process id that the engine wrote down, for messages. */
export async function recordedPid({pidFile}: HomePaths): Promise<number | null> {
  return Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10) || null
}

/** A process with the recorded id that shows our socket in its title, as engines do: ids are reused. */
async function runsByPidFile(paths: HomePaths, env: Environment): Promise<boolean> {
  const pid = await recordedPid(paths)
  if (pid === null || !isAlive(pid)) return false
  const {code, stdout} = await runProgram('ps', ['-o', 'command=', '-p', String(pid)], {env})
  return code !== 0 || stdout.includes(paths.socket)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
