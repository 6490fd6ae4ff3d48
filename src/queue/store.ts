import type {Clock} from '../clock.js'
import {settledWithin} from '../settled-within.js'
import {type RedisClient, connect} from './redis/connect.js'
import {type QueueContext, ask, redisNow} from './context.js'
import {Inspector} from './inspector.js'
import {QueueKeys, sharedKeys} from './keys.js'
import {LimitsInspector} from './limits-inspector.js'
import {type OutcomeNote, readNotes, watchEveryMs} from './outcome-channel.js'
import {ProcessRegistry} from './process-registry.js'
import type {Profile} from './redis/profiles.js'
import {Queue} from './queue.js'
import {isReply, redisError, unsent} from './redis/redis-error.js'
import {type SubscribeOptions, type Subscription, subscribe} from './redis/subscribe.js'
import {type WakeListeners, addedMessage, isQueueName, wakeReader, watchMessage} from './wake-channel.js'

export interface StoreOptions {
  /** In any of the forms that `parseRedisUrl` reads. */
  redisUrl: string
  namespace: string
  profile: Profile
  /** For a dispatcher: how long its claims hold, and so how long it may wait for an answer. */
  leaseMs?: number | undefined
  /** What this process is told apart by, where it hears of its own adds in a shorter way: `onWake` passes over what it said itself. */
  self?: string | undefined
  /** How many replicas must have an add before it is answered; none unless given. */
  ackReplicas?: number | undefined
  /** Tests only: the time the scripts go by. */
  clock?: Clock | undefined
}

/** The replies of a Redis that does not let its settings be read, as hosted ones may not. */
const untold = /NOPERM|unknown command|unknown subcommand|disabled|not allowed/i

/** A connection to one Redis and everything torque keeps there under one namespace. */
export class Store {
  /** The connection itself, for tests and for what is not a task's business. */
  readonly redis: RedisClient
  readonly inspector: Inspector
  /** What is set for queues, and what that holds back. */
  readonly limits: LimitsInspector
  readonly processes: ProcessRegistry
  readonly #keys: ReturnType<typeof sharedKeys>
  readonly #options: StoreOptions
  readonly #queues = new Map<string, {queue: Queue; context: QueueContext}>()

  private constructor(redis: RedisClient, options: StoreOptions) {
    this.redis = redis
    this.#options = options
    this.#keys = sharedKeys(options.namespace)
    this.processes = new ProcessRegistry(redis, this.#keys.processes)
    this.limits = new LimitsInspector({
      queueNames: () => this.queueNames(),
      context: (name) => this.#open(name).context,
    })
    this.inspector = new Inspector({
      queueNames: () => this.queueNames(),
      context: (name) => this.#open(name).context,
      limits: () => this.processes.limits(),
    })
  }

  /** Connects. Throws `redis_unavailable`, or `invalid_option` for a URL that is none. */
  static async open(options: StoreOptions): Promise<Store> {
    return new Store(await connect(options.redisUrl, options.profile, options), options)
  }

  /** The queue of that name, which was validated before. */
  queue(name: string): Queue {
    return this.#open(name).queue
  }

  /** What the verbs of schedules need to know of the queue of that name. */
  context(name: string): QueueContext {
    return this.#open(name).context
  }

  /** Makes a queue known that has, or will have, schedules. */
  async announceSchedules(name: string): Promise<void> {
    const {queues, scheduled} = this.#keys
    await ask(() => Promise.all([this.redis.sadd(queues, name), this.redis.sadd(scheduled, name)]))
  }

  /** Every queue that ever had a schedule, sorted. */
  async scheduledQueues(): Promise<string[]> {
    return (await ask(() => this.redis.smembers(this.#keys.scheduled))).filter(isQueueName).toSorted()
  }

  /** Every queue that ever had a task, and `default`, sorted. */
  async queueNames(): Promise<string[]> {
    const names = await ask(() => this.redis.smembers(this.#keys.queues))
    return [...new Set(['default', ...names.filter(isQueueName)])].toSorted()
  }

  /** Throws `redis_unavailable` unless Redis answers. */
  async ping(): Promise<void> {
    await ask(() => this.redis.ping())
  }

  /** The time the scripts go by, ms since the epoch: that of Redis. */
  now(): Promise<number> {
    return redisNow({redis: this.redis, clock: this.#options.clock, key: this.#keys.queues})
  }

  /** The servers that hold tasks: one, or each master of a cluster. */
  get servers(): readonly RedisClient[] {
    return this.redis.servers?.() ?? [this.redis]
  }

  /** A setting of a Redis server; undefined where it does not tell. Throws where no answer came. */
  async config(name: string, server: RedisClient = this.redis): Promise<string | undefined> {
    try {
      return (await server.config('GET', name))[1]
    } catch (error) {
      if (isReply(error) && untold.test(error.message)) return undefined
      throw unsent(redisError(error))
    }
  }

  /** The fields of INFO; none where the server does not tell. Throws where no answer came. */
  async info(server: RedisClient = this.redis): Promise<Map<string, string>> {
    try {
      const lines = (await server.info()).split('\r\n').filter((line) => line.includes(':'))
      return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
    } catch (error) {
      if (isReply(error) && untold.test(error.message)) return new Map()
      throw unsent(redisError(error))
    }
  }

  /**
   * Calls `wake` with a queue's name whenever one has something new to do. Takes a connection of its own; `stop` gives it back.
   */
  onWake(wake: (queue: string) => void, listeners: WakeListeners = {}): Promise<Subscription> {
    const heard = wakeReader(wake, listeners, this.#options.self)
    return this.#subscribe({channel: this.#keys.wake, heard, missed: listeners.missed})
  }

  /** Tells those who watch what attempts came to. */
  async publishOutcomes(notes: readonly OutcomeNote[]): Promise<void> {
    await ask(() => this.redis.publish(this.#keys.outcomes, JSON.stringify(notes)))
  }

  /**
   * Calls `heard` with what attempts come to, from every `serve`. Takes a connection of its own; `stop` gives it back. Nothing is
   * told while nobody watches, so the first ones come when the `serve`s have heard of it.
   */
  async onOutcomes(heard: (notes: OutcomeNote[]) => void): Promise<Subscription> {
    const subscription = await this.#subscribe({channel: this.#keys.outcomes, heard: (message) => heard(readNotes(message))})
    // Where that fails, it is said again before long.
    const watch = () => void this.redis.publish(this.#keys.wake, watchMessage).catch(() => {})
    const timer = setInterval(watch, watchEveryMs)
    watch()
    return {
      stop: () => {
        clearInterval(timer)
        subscription.stop()
      },
    }
  }

  /** Ends the connection; what is in flight is answered first, unless Redis keeps silent. */
  async close(): Promise<void> {
    if (this.redis.status === 'ready') await settledWithin(1_000, this.redis.quit())
    this.redis.disconnect()
  }

  #subscribe(what: Pick<SubscribeOptions, 'channel' | 'heard' | 'missed'>): Promise<Subscription> {
    return subscribe({redisUrl: this.#options.redisUrl, beside: this.redis, ...what})
  }

  #open(name: string) {
    let known = this.#queues.get(name)
    if (!known) {
      const {namespace, clock, self, ackReplicas} = this.#options
      const wake = {wakeChannel: this.#keys.wake, wakeMessage: addedMessage(name, self)}
      const context = {redis: this.redis, keys: new QueueKeys(namespace, name), name, ...wake, ackReplicas, clock}
      known = {context, queue: new Queue(context, {queuesKey: this.#keys.queues})}
      this.#queues.set(name, known)
    }
    return known
  }
}
