import type {Clock} from '../clock.js'
import {TorqueError} from '../errors.js'
import {settledWithin, within} from '../settled-within.js'
import {parseQueueName} from '../task/queue-name.js'
import {type RedisClient, connect} from './redis/connect.js'
import {type QueueContext, ask, redisNow, schedulesChanged, settingsChanged, tasksPurged} from './context.js'
import {Inspector} from './inspector.js'
import {QueueKeys, sharedKeys} from './keys.js'
import {LimitsInspector} from './limits-inspector.js'
import {type OutcomeNote, readNotes, watchEveryMs, watchMessage} from './outcome-channel.js'
import {ProcessRegistry} from './process-registry.js'
import type {Profile} from './redis/profiles.js'
import {Queue} from './queue.js'
import {isReply, redisError, unsent} from './redis/redis-error.js'
import {isOneServer} from './redis/redis-url.js'

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

/** What else is told on the channel that wakes dispatchers. */
export interface WakeListeners {
  /** It listens again, after a while in which it could not. */
  missed?: () => void
  /** The schedules of a queue have changed. */
  schedules?: (queue: string) => void
  /** The settings of a queue have changed. */
  settings?: (queue: string) => void
  /** Tasks in hand were purged. */
  purged?: (queue: string) => void
  /** Somebody watches outcomes. */
  watched?: () => void
}

export interface Subscription {
  stop(): void
}

/** A Redis that takes a subscription and never answers would hold up the start, and the stop, of a `serve`. */
const subscribedMs = 3_000

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
    const {missed, watched, schedules, settings, purged} = listeners
    const others = new Map([
      [schedulesChanged as string, schedules],
      [settingsChanged, settings],
      [tasksPurged, purged],
    ])
    return this.#subscribe(this.#keys.wake, missed, (message) => {
      if (message === watchMessage) return watched?.()
      const [queue = '', by] = message.split(' ')
      if (!isQueueName(queue) || (by !== undefined && by === this.#options.self)) return
      const heard = by !== undefined && others.has(by) ? others.get(by) : wake
      heard?.(queue)
    })
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
    const subscription = await this.#subscribe(this.#keys.outcomes, undefined, (message) => heard(readNotes(message)))
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

  /** `missed` is called when it has begun to listen again after a while in which it could not. */
  async #subscribe(channel: string, missed: (() => void) | undefined, heard: (message: string) => void): Promise<Subscription> {
    const {redisUrl} = this.#options
    const subscriber = await connect(redisUrl, 'subscriber', {known: this.redis.addresses?.()})
    const listen = () => ask(() => within(subscribedMs, subscriber.subscribe(channel)))
    subscriber.on('message', (_channel: string, message: string) => heard(message))
    try {
      await listen()
    } catch (error) {
      subscriber.disconnect()
      throw error
    }
    // Where that fails the connection ends, and is made again.
    subscriber.on('ready', () => void listen().then(missed, () => subscriber.disconnect(true)))
    // Where another server has taken over, the one that is listened to may hang, and nobody would say so.
    const follow = () => subscriber.disconnect(true)
    if (!isOneServer(redisUrl)) this.redis.on('ready', follow)
    return {
      stop: () => {
        this.redis.off('ready', follow)
        subscriber.disconnect()
      },
    }
  }

  #open(name: string) {
    let known = this.#queues.get(name)
    if (!known) {
      const {namespace, clock, self, ackReplicas} = this.#options
      const wake = {wakeChannel: this.#keys.wake, wakeMessage: self === undefined ? name : `${name} ${self}`}
      const context = {redis: this.redis, keys: new QueueKeys(namespace, name), name, ...wake, ackReplicas, clock}
      known = {context, queue: new Queue(context, {queuesKey: this.#keys.queues})}
      this.#queues.set(name, known)
    }
    return known
  }
}

/** What others put where torque keeps its queues' names is none of them. */
function isQueueName(text: string): boolean {
  try {
    parseQueueName(text)
    return true
  } catch (error) {
    if (error instanceof TorqueError) return false
    throw error
  }
}
