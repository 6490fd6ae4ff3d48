import {once} from 'node:events'

import {Redis} from 'ioredis'

import {TorqueError} from '../../errors.js'
import {within} from '../../settled-within.js'
import {type ConnectionOptions, type Profile, optionsOf} from './profiles.js'
import {type RedisTarget, type ServerAddress, displayUrl, parseRedisUrl} from './redis-url.js'

/** What commands are sent with. With a Redis Cluster it is no connection, but has one to each master: see `ClusterClient`. */
export interface RedisClient extends Redis {
  /** Of a cluster: the connections to the nodes that have slots. */
  servers?(): readonly Redis[]
  /** Of a cluster: the connection to the node that has this key, as far as is known. */
  serverOf?(key: string): Redis | undefined
  /** Of a cluster: where its nodes listen, replicas too. */
  addresses?(): readonly ServerAddress[]
}

/** A Redis that takes connections and never answers is down, too: a command says so within 3 s, start-up included. */
const firstAnswerMs = 2_300

export interface ConnectOptions {
  /** For a dispatcher: how long its claims hold. */
  leaseMs?: number | undefined
  /** Nodes of a cluster that are known besides those that the URL names. */
  known?: readonly ServerAddress[] | undefined
}

/** Connects, or throws `redis_unavailable` with the cause that ioredis names only in its error event. Never prints a password. */
export async function connect(url: string, profile: Profile, options: ConnectOptions = {}): Promise<RedisClient> {
  const target = parseRedisUrl(url)
  const redis = target.nodes
    ? await clusterClient(target.nodes, target, profile, options)
    : await single(target, profile, options)
  let last: Error | undefined
  for (const event of ['error', 'sentinelError']) redis.on(event, (error: Error) => (last = error))
  // Of several nodes to listen to, the next one may answer.
  const isOneOfMany = target.nodes !== undefined && profile === 'subscriber'
  const connecting = isOneOfMany ? redis.connect().catch(() => once(redis, 'ready')) : redis.connect()
  try {
    // Answers only when the password is right and the data is loaded.
    await within(
      firstAnswerMs,
      connecting.then(() => firstAnswer(redis, target)),
    )
    return redis
  } catch (error) {
    redis.disconnect()
    const cause = last ?? error
    const reason = target.options.sentinels
      ? (await import('./sentinel.js')).sentinelReason(cause, target.options)
      : reasonOf(cause)
    throw new TorqueError('redis_unavailable', `no Redis at ${displayUrl(url)}: ${reason}`, {
      hint: 'start it, or name another with --redis or TORQUE_REDIS_URL',
      cause,
    })
  }
}

/** ioredis goes on in database 0 where it may not have the one that was named: there are other people's tasks. */
async function firstAnswer(redis: RedisClient, {options: {db = 0}}: RedisTarget): Promise<void> {
  await redis.ping()
  if (db === 0) return
  await redis.select(db)
  redis.on('ready', () => void redis.select(db).catch(() => redis.disconnect()))
}

async function single({options}: RedisTarget, profile: Profile, {leaseMs}: ConnectOptions): Promise<RedisClient> {
  const settings = {...optionsOf(profile, leaseMs), ...options}
  if (!options.sentinels) return new Redis(settings)
  const {sentinelOptions} = await import('./sentinel.js')
  return new Redis({...settings, ...sentinelOptions(settings)})
}

/** Only who has a cluster needs to load what it takes. */
async function clusterClient(
  nodes: readonly ServerAddress[],
  {options}: RedisTarget,
  profile: Profile,
  {leaseMs, known = []}: ConnectOptions,
): Promise<RedisClient> {
  const settings: ConnectionOptions = {...optionsOf(profile, leaseMs), ...options}
  if (profile === 'subscriber') {
    const {clusterSubscriber} = await import('./cluster-subscriber.js')
    return clusterSubscriber([...nodes, ...known], settings)
  }
  const {ClusterClient} = await import('./cluster-client.js')
  return new ClusterClient(nodes, settings)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
}
