import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, openSync} from 'node:fs'

import {TorqueError} from '../errors.js'
import type {Lock} from './lock.js'

/** What `flock -n` exits with when another process holds the lock. */
const busy = 1

/**
 * A lock that the kernel keeps (flock(2)), taken through the `flock` program on a file that this process has open. The lock
 * belongs to the open file, not to the program: it holds until every copy of the descriptor is closed, so it ends with the
 * process that has it, however that ends, and it is passed on to a child that gets the descriptor. Process ids, which are reused
 * and differ between containers, play no part.
 */
export class FileLock implements Lock {
  /** To be given to a child that is to hold the lock; other children do not get it. */
  readonly fd: number
  #open = true

  private constructor(fd: number) {
    this.fd = fd
  }

  /** Resolves to `null` when another process holds it. */
  static async tryAcquire(path: string, flock: string): Promise<FileLock | null> {
    const fd = openSync(path, 'a', 0o600)
    try {
      if (!(await locks(flock, fd, path))) return (closeSync(fd), null)
      return new FileLock(fd)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** Gives up this process's hold; a child that got the descriptor keeps its own. */
  release(): Promise<void> {
    if (this.#open) closeSync(this.fd)
    this.#open = false
    return Promise.resolve()
  }
}

async function locks(flock: string, fd: number, path: string): Promise<boolean> {
  const child = spawn(flock, ['-n', '3'], {stdio: ['ignore', 'ignore', 'pipe', fd]})
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0 || code === busy) return code === 0
  throw new TorqueError('failed', `cannot lock ${JSON.stringify(path)}: ${said.trim() || `flock ended with ${code}`}`)
}
