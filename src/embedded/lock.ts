import {FileLock} from './file-lock.js'
import {findProgram} from './find-program.js'
import type {Environment} from './home.js'
import {SocketLock} from './socket-lock.js'

/** A lock on a file in the home that ends with the process that holds it. */
export interface Lock {
  /** Where the lock is one that a child can hold: the descriptor to give it. */
  readonly fd: number | undefined
  release(): Promise<void>
}

/** Takes a lock, or resolves to `null` when another process has it. Never waits for it. */
export async function tryLock(path: string, env: Environment): Promise<Lock | null> {
  const flock = await findProgram('flock', env)
  return flock ? FileLock.tryAcquire(path, flock) : SocketLock.tryAcquire(path)
}
