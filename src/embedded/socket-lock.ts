import {randomBytes} from 'node:crypto'
import {once} from 'node:events'
import {link, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:net'
import {basename, dirname, join} from 'node:path'

import {listens} from './listens.js'
import type {Lock} from './lock.js'

/**
 * A lock for systems without the `flock` program: a socket that its holder listens on, which the kernel closes with the process.
 *
 * Which socket is meant stands in a file `<path>.<n>`. A file is made by link(2), so only one process can make the n-th, and only
 * when the socket named in the newest one answers no more. The holder is who made the newest; only files older than the newest
 * are ever removed, so a latecomer that works from an old listing finds, on looking again, that its file is not the newest.
 */
export class SocketLock implements Lock {
  readonly fd = undefined
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** Resolves to `null` when another process holds it. */
  static async tryAcquire(path: string): Promise<SocketLock | null> {
    const newest = await newestGeneration(path)
    if (newest > 0 && (await listens(await socketOf(path, newest)))) return null

    const socket = join(dirname(path), `.${randomBytes(4).toString('hex')}`)
    const server = createServer((connection) => connection.destroy()).listen(socket)
    await once(server, 'listening')
    const lock = new SocketLock(server)
    server.unref()
    if ((await makeGeneration(path, newest + 1, socket)) && (await newestGeneration(path)) === newest + 1) {
      await removeOlder(path, newest + 1)
      return lock
    }
    await lock.release()
    return null
  }

  /** The file that names the socket stays: it must remain the newest. */
  async release(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }
}

async function generations(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.`
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix))
  return names.map((name) => Number(name.slice(prefix.length))).filter((generation) => Number.isInteger(generation))
}

async function newestGeneration(path: string): Promise<number> {
  return Math.max(0, ...(await generations(path)))
}

async function socketOf(path: string, generation: number): Promise<string> {
  const name = await readFile(`${path}.${generation}`, 'utf8').catch(() => 'removed')
  return join(dirname(path), basename(name))
}

/** The file appears complete or not at all. `false` when another process was first. */
async function makeGeneration(path: string, generation: number, socket: string): Promise<boolean> {
  const draft = `${socket}.lock`
  await writeFile(draft, basename(socket))
  try {
    await link(draft, `${path}.${generation}`)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, {force: true})
  }
}

async function removeOlder(path: string, newest: number): Promise<void> {
  for (const generation of (await generations(path)).filter((candidate) => candidate < newest)) {
    await rm(await socketOf(path, generation), {force: true})
    await rm(`${path}.${generation}`, {force: true})
  }
}
