import {closeSync, openSync} from 'node:fs'
import {readFile, rename, stat} from 'node:fs/promises'

import type {HomePaths} from './home.js'

/** A start begins a new file once the old one has this many bytes: weeks of an idle engine's notices. */
const fullBytes = 1024 * 1024

/** Where an engine writes what it has to say, and where this run's part of it begins. */
export class EngineLog {
  readonly fd: number
  readonly #path: string
  readonly #from: number

  private constructor(path: string, from: number) {
    this.#path = path
    this.#from = from
    this.fd = openSync(path, 'a', 0o600)
  }

  static async open({log}: HomePaths): Promise<EngineLog> {
    const size = await sizeOf(log)
    if (size < fullBytes) return new EngineLog(log, size)
    await rename(log, `${log}.1`)
    return new EngineLog(log, 0)
  }

  /** The last lines that this run wrote. */
  async tail(lines = 6): Promise<string[]> {
    const text = (await readFile(this.#path)).subarray(this.#from).toString()
    return text.trim().split('\n').slice(-lines)
  }

  /** The engine has a descriptor of its own. */
  close(): void {
    closeSync(this.fd)
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({size}) => size,
    () => 0,
  )
}
