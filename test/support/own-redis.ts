import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {inject, onTestFinished} from 'vitest'

import {socketUrl} from '../../src/embedded/home.js'

/** A Redis that a test may starve, stop and kill: on a unix socket in a directory of its own. */
export class OwnRedis {
  readonly dir = mkdtempSync(join(tmpdir(), 'torque-own-'))
  readonly socket = join(this.dir, 'redis.sock')
  readonly url = socketUrl(this.socket)
  readonly #args: readonly string[]
  #server: ChildProcess | undefined

  /** Its arguments; those that name its directory are told it. */
  constructor(args: readonly string[] | ((dir: string) => readonly string[])) {
    this.#args = typeof args === 'function' ? args(this.dir) : args
  }

  /** Starts it, again after `kill` or `stop` too, and resolves once its data is loaded. */
  async start(): Promise<void> {
    const args = ['--port', '0', '--unixsocket', this.socket, '--save', '', '--dir', this.dir, ...this.#args]
    const [program, ...first] = this.program()
    const server = spawn(program, [...first, ...args], {stdio: ['ignore', 'pipe', 'inherit']})
    this.#server = server
    for await (const line of createInterface({input: server.stdout})) {
      if (!line.includes('eady to accept connections')) continue
      // Read on, so that it never blocks on a full pipe.
      server.stdout.resume()
      return
    }
    throw new Error('the test engine did not start')
  }

  /** It answers nothing, and keeps its connections, until `resume`. */
  pause(): void {
    this.#server?.kill('SIGSTOP')
  }

  resume(): void {
    this.#server?.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** What is run, with what comes before the arguments. */
  protected program(): [string, ...string[]] {
    return [inject('enginePath')]
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill(signal)
    await exited
  }
}

/** A running Redis with these arguments, gone when the test ends. */
export async function openOwnRedis(...args: string[]): Promise<OwnRedis> {
  const redis = new OwnRedis(args)
  onTestFinished(async () => {
    await redis.kill()
    rmSync(redis.dir, {recursive: true, force: true})
  })
  await redis.start()
  return redis
}
