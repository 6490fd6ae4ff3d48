import {type Limits, defaultLimits} from '../task/view.js'
import type {RedisClient} from './connect.js'
import {redisNow} from './context.js'

/** A live `serve`, as the others see it. */
export interface ProcessInfo extends Limits {
  id: string
  pid: number
  host: string
  version: string
  /** Ms since the epoch by the clock of Redis. */
  seenAt: number
  inFlight: number
}

/** A process not heard of for this long is taken for dead. */
const goneAfterMs = 30_000

/** The live `serve`s of this Redis and those of their flags that decide what a task does not carry itself. */
export class ProcessRegistry {
  readonly #redis: RedisClient
  readonly #key: string

  constructor(redis: RedisClient, key: string) {
    this.#redis = redis
    this.#key = key
  }

  /** Says that a process lives; to be said again every few seconds. */
  async announce(info: Omit<ProcessInfo, 'seenAt'>): Promise<void> {
    await this.#redis.hset(this.#key, info.id, JSON.stringify({...info, seenAt: await redisNow({redis: this.#redis})}))
  }

  async remove(id: string): Promise<void> {
    await this.#redis.hdel(this.#key, id)
  }

  /** The processes heard of lately. */
  async live(): Promise<ProcessInfo[]> {
    const [stored, now] = await Promise.all([this.#redis.hvals(this.#key), redisNow({redis: this.#redis})])
    return stored.map((text) => JSON.parse(text) as ProcessInfo).filter(({seenAt}) => now - seenAt < goneAfterMs)
  }

  /** The limits that hold now: those of a live process, or the defaults. */
  async limits(): Promise<Limits> {
    const [first] = await this.live()
    return first ? {maxErrors: first.maxErrors, timeoutMs: first.timeoutMs} : defaultLimits
  }
}
