import {type Limits, defaultLimits} from '../task/limits.js'
import type {Policy} from '../task/policy.js'
import type {RedisClient} from './redis/connect.js'
import {ask, redisNow} from './context.js'

/** A live `serve`, as the others see it. */
export interface ProcessInfo extends Limits {
  id: string
  pid: number
  host: string
  version: string
  /** Ms since the epoch by the clock of Redis. */
  seenAt: number
  inFlight: number
  /** Most calls at once; absent: not told. */
  concurrency?: number
  /** Whose tasks it calls: absent, those of every queue; empty, none. */
  queues?: readonly string[]
  /** What holds for a task where neither it nor its queue says. */
  policy?: Policy
  /** Most active tasks of one lane over all processes; 0 or absent: they are shared out. */
  laneConcurrency?: number
}

/** A process not heard of for this long is taken for dead. */
const goneAfterMs = 30_000

/** The live `serve`s of this Redis, and those of their flags that decide what a task does not carry itself. Throws only `TorqueError`. */
export class ProcessRegistry {
  readonly #redis: RedisClient
  readonly #key: string

  constructor(redis: RedisClient, key: string) {
    this.#redis = redis
    this.#key = key
  }

  /** Says that a process lives; to be said again every few seconds. Those that were killed are taken off the list. */
  async announce(info: Omit<ProcessInfo, 'seenAt'>): Promise<void> {
    const [listed, now] = await this.#read()
    const gone = Object.keys(listed).filter((id) => !isLive(read(listed[id]), now))
    if (gone.length > 0) await ask(() => this.#redis.hdel(this.#key, ...gone))
    await ask(() => this.#redis.hset(this.#key, info.id, JSON.stringify({...info, seenAt: now})))
  }

  async remove(id: string): Promise<void> {
    await ask(() => this.#redis.hdel(this.#key, id))
  }

  /** The processes heard of lately. */
  async live(): Promise<ProcessInfo[]> {
    const [listed, now] = await this.#read()
    return Object.values(listed).flatMap((text) => {
      const info = read(text)
      return isLive(info, now) ? [info] : []
    })
  }

  /** The limits that hold now: those of a live process, or the defaults. */
  async limits(): Promise<Limits> {
    const [first] = await this.live()
    return first ? {maxErrors: first.maxErrors, timeoutMs: first.timeoutMs} : defaultLimits
  }

  #read(): Promise<[Record<string, string>, number]> {
    return Promise.all([ask(() => this.#redis.hgetall(this.#key)), redisNow({redis: this.#redis, key: this.#key})])
  }
}

/** Whether it calls the tasks of a queue. */
export const takesQueue = ({queues}: ProcessInfo, queue: string): boolean => queues === undefined || queues.includes(queue)

/** Undefined for what no torque wrote: a stranger's entry must not keep anybody from looking at tasks. */
function read(text = ''): ProcessInfo | undefined {
  try {
    return (JSON.parse(text) ?? undefined) as ProcessInfo | undefined
  } catch {
    return undefined
  }
}

function isLive(info: ProcessInfo | undefined, now: number): info is ProcessInfo {
  return info !== undefined && now - info.seenAt < goneAfterMs
}
