import type {Clock} from '../clock.js'
import {settledWithin} from '../settled-within.js'
import {type Profile, type RedisClient, connect} from './connect.js'
import {Inspector} from './inspector.js'
import {QueueKeys, sharedKeys} from './keys.js'
import {ProcessRegistry} from './process-registry.js'
import {Queue} from './queue.js'
import {redisError, unsent} from './redis-error.js'

export interface StoreOptions {
  /** `redis://`, `rediss://` or `unix://`. */
  redisUrl: string
  namespace: string
  profile: Profile
  /** Tests only: the time the scripts go by. */
  clock?: Clock | undefined
}

/** A connection to one Redis and everything torque keeps there under one namespace. */
export class Store {
  /** The connection itself, for tests and for what is not a task's business. */
  readonly redis: RedisClient
  readonly inspector: Inspector
  readonly processes: ProcessRegistry
  readonly #keys: ReturnType<typeof sharedKeys>
  readonly #options: StoreOptions
  readonly #queues = new Map<string, {queue: Queue; context: ConstructorParameters<typeof Queue>[0]}>()

  private constructor(redis: RedisClient, options: StoreOptions) {
    this.redis = redis
    this.#options = options
    this.#keys = sharedKeys(options.namespace)
    this.processes = new ProcessRegistry(redis, this.#keys.processes)
    this.inspector = new Inspector({
      queueNames: () => this.queueNames(),
      context: (name) => this.#open(name).context,
      limits: () => this.processes.limits(),
    })
  }

  /** Connects. Throws `redis_unavailable`, or `invalid_option` for a URL that is none. */
  static async open(options: StoreOptions): Promise<Store> {
    return new Store(await connect(options.redisUrl, options.profile), options)
  }

  /** The queue of that name, which was validated before. */
  queue(name: string): Queue {
    return this.#open(name).queue
  }

  /** Every queue that ever had a task, and `default`, sorted. */
  async queueNames(): Promise<string[]> {
    const names = await this.#ask(() => this.redis.smembers(this.#keys.queues))
    return [...new Set(['default', ...names])].toSorted()
  }

  /** Throws `redis_unavailable` unless Redis answers. */
  async ping(): Promise<void> {
    await this.#ask(() => this.redis.ping())
  }

  /** A setting of the Redis server; undefined where it does not tell, as hosted ones may not. */
  async config(name: string): Promise<string | undefined> {
    const reply = await this.redis.config('GET', name).catch(() => [])
    return (reply as string[])[1]
  }

  /** Calls `wake` with a queue's name whenever one has something new to do. Takes a connection of its own; `stop` gives it back. */
  async onWake(wake: (queue: string) => void): Promise<{stop(): void}> {
    const subscriber = await connect(this.#options.redisUrl, 'subscriber')
    subscriber.on('message', (_channel: string, queue: string) => wake(queue))
    await subscriber.subscribe(this.#keys.wake)
    return {stop: () => subscriber.disconnect()}
  }

  /** Ends the connection; what is in flight is answered first, unless Redis keeps silent. */
  async close(): Promise<void> {
    if (this.redis.status === 'ready') await settledWithin(1_000, this.redis.quit())
    this.redis.disconnect()
  }

  #open(name: string) {
    let known = this.#queues.get(name)
    if (!known) {
      const {namespace, clock} = this.#options
      const context = {redis: this.redis, keys: new QueueKeys(namespace, name), name, wakeChannel: this.#keys.wake, clock}
      known = {context, queue: new Queue(context, {queuesKey: this.#keys.queues})}
      this.#queues.set(name, known)
    }
    return known
  }

  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command()
    } catch (cause) {
      throw unsent(redisError(cause))
    }
  }
}
