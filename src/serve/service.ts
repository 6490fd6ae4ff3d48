import type {EngineOptions} from '../embedded/engine.js'
import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'

/** What is running, once started. */
export interface ServeAddress {
  /** Where its endpoint listens; absent where it does not. */
  url?: string | undefined
  /** The unix socket that it listens on: `unix:/run/torque.sock`. */
  socket?: string | undefined
  /** Its Redis, without a password. */
  redis: string
}

/** A Redis to use, or the home of the private one. */
export type RedisOptions = {url: string} | {engine: Omit<EngineOptions, 'log'>}

/** Something made of parts: they start in order and stop in the reverse order, once. */
export abstract class Service {
  /** What stops the parts that have been started, the last one first. */
  protected readonly stops: (() => Promise<void>)[] = []
  protected readonly stopRequested: Promise<void>
  readonly #log: Logger
  #requestStop = () => {}
  #started: Promise<ServeAddress> | undefined
  #startedParts: Promise<ServeAddress> | undefined
  #stopped: Promise<void> | undefined
  #isStarted = false

  constructor({log}: {log: Logger}) {
    this.#log = log
    this.stopRequested = new Promise((resolve) => (this.#requestStop = resolve))
  }

  /** Starts its parts in order. When one cannot, those before it are stopped, and its `TorqueError` is thrown. */
  start(): Promise<ServeAddress> {
    this.#started ??= this.#start()
    return this.#started
  }

  /** Stops what has been started, and what is just starting. Idempotent, never throws. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  protected abstract startParts(): Promise<ServeAddress>

  protected get isReady(): boolean {
    return this.#isStarted && !this.isStopping
  }

  protected get isStopping(): boolean {
    return this.#stopped !== undefined
  }

  /** Between two parts: whoever was told to stop starts no more of them. */
  protected checkWanted(): void {
    if (this.isStopping) throw new TorqueError('shutting_down', 'stopped while it started')
  }

  /** Waits for a part that may take long to start, unless a stop comes first. */
  protected async unlessStopped<T>(part: Promise<T>): Promise<T> {
    await Promise.race([part, this.stopRequested])
    this.checkWanted()
    return part
  }

  /** Resolves to the URL of the Redis to use: the private one, if it is that, is started or taken over. */
  protected async startRedis(redis: RedisOptions): Promise<string> {
    if ('url' in redis) return redis.url
    const {Engine} = await import('../embedded/engine.js')
    const engine = new Engine({...redis.engine, log: this.#engineLog()})
    this.checkWanted()
    this.stops.push(() => engine.stop())
    const {url, adopted} = await this.unlessStopped(engine.start())
    if (adopted) this.#log.info({}, 'took over the private Redis of a serve that is gone')
    return url
  }

  #engineLog() {
    const at = (level: 'info' | 'warn' | 'error') => (line: string) => this.#log[level]({engine: line}, 'private Redis')
    return {info: at('info'), warn: at('warn'), error: at('error')}
  }

  async #start(): Promise<ServeAddress> {
    this.#startedParts = this.startParts()
    try {
      const address = await this.#startedParts
      this.#isStarted = true
      return address
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async #stop(): Promise<void> {
    this.#requestStop()
    await this.#startedParts?.catch(() => {})
    for (let stop = this.stops.pop(); stop; stop = this.stops.pop()) {
      await stop().catch((error: unknown) => this.#log.error({err: error}, 'a part could not be stopped'))
    }
  }
}
