import {setTimeout as delay} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import {requireBinary, type Surroundings} from './binary.js'
import type {Fsync} from './engine-arguments.js'
import {checkSocketPath, createHome, type HomePaths, homePaths, socketUrl} from './home.js'
import type {Lock} from './lock.js'
import {obtainEngine} from './obtain-engine.js'
import {claimHome} from './owner.js'
import {type RunningEngine, shutDownEngine} from './running-engine.js'

/** Where the engine tells what happens to it; a pino logger will do. */
export interface EngineReport {
  info(line: string): void
  warn(line: string): void
  error(line: string): void
}

export interface EngineOptions extends Surroundings {
  fsync?: Fsync
  log?: EngineReport
}

/** What is running, once started. */
export interface EngineAddress {
  /** `unix://…/redis.sock` */
  url: string
  pid: number
  /** Found running, its `serve` gone. */
  adopted: boolean
}

/** The waits before a crashed engine is started again, in ms; the last one repeats: a full disk may have room again tomorrow. */
const restartWaitsMs = [0, 100, 250, 500, 1000, 2000, 5000, 10_000]

/** An engine that has been up for so long, in ms, does not crash on starting: the next wait is the first again. */
const steadyMs = 30_000

/**
 * The private Redis of one home, for one `serve`: started or adopted, started again when it crashes, and ended with its data
 * written out. While started, no other `serve` can have the home. Used once: after stop(), make another.
 */
export class Engine {
  readonly #options: EngineOptions
  readonly #paths: HomePaths
  readonly #stopping = new AbortController()
  readonly #stopRequested = new Promise<null>((resolve) => {
    this.#stopping.signal.addEventListener('abort', () => resolve(null))
  })
  #starting: Promise<EngineAddress> | undefined
  #stopped: Promise<void> | undefined
  #supervising: Promise<void> | undefined
  #home: Lock | undefined
  #running: RunningEngine | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.#paths = homePaths(options.home)
  }

  /** The address, the same before, during and after every start. */
  get url(): string {
    return socketUrl(this.#paths.socket)
  }

  /** Throws `already_running`, `no_engine`, `redis_unavailable` (with the engine's last words), `refused` or `invalid_option`. */
  start(): Promise<EngineAddress> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** Ends the engine, its data on disk, and gives up the home. Never throws. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #start(): Promise<EngineAddress> {
    checkSocketPath(this.#paths)
    await createHome(this.#paths)
    this.#home = await claimHome(this.#paths, this.#options.env)
    try {
      this.#running = await this.#obtain()
    } catch (error) {
      await this.#home.release()
      throw error
    }
    this.#supervising = this.#supervise(this.#running)
    return {url: this.url, pid: this.#running.pid, adopted: this.#running.adopted}
  }

  async #stop(): Promise<void> {
    this.#stopping.abort()
    await this.#starting?.catch(() => {})
    await this.#supervising
    await this.#home?.release()
  }

  async #obtain(): Promise<RunningEngine> {
    const {home, env, fsync = 'everysec'} = this.#options
    const signal = this.#stopping.signal
    const running = await obtainEngine({paths: this.#paths, binary: () => requireBinary({home, env}), fsync, env, signal})
    if (!signal.aborted) return running
    await this.#shutDown(running)
    throw new TorqueError('shutting_down', 'the private Redis was stopped while it started')
  }

  /** Until stop(): waits for the engine's end and starts it again. */
  async #supervise(first: RunningEngine): Promise<void> {
    let attempt = 0
    for (let running: RunningEngine | null = first; running; running = await this.#restart(attempt++)) {
      const upAt = performance.now()
      const how = await Promise.race([running.ended, this.#stopRequested])
      if (how === null) return this.#shutDown(running)
      running.control.disconnect()
      this.#options.log?.error(`the private Redis ended (${how}); starting it again`)
      if (performance.now() - upAt > steadyMs) attempt = 0
    }
  }

  async #shutDown(running: RunningEngine): Promise<void> {
    const problem = await shutDownEngine(running)
    if (problem) this.#options.log?.warn(problem)
  }

  /** Resolves to `null` only when stopping. */
  async #restart(attempt: number): Promise<RunningEngine | null> {
    for (let n = attempt; ; n++) {
      try {
        await delay(restartWaitsMs[Math.min(n, restartWaitsMs.length - 1)], undefined, {signal: this.#stopping.signal})
        const running = await this.#obtain()
        this.#options.log?.info(`the private Redis is back (pid ${running.pid})`)
        return running
      } catch (error) {
        if (this.#stopping.signal.aborted) return null
        this.#options.log?.error(error instanceof Error ? error.message : String(error))
      }
    }
  }
}
