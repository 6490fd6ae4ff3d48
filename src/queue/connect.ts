import {Redis, type RedisOptions} from 'ioredis'

import {TorqueError} from '../errors.js'

export type RedisClient = Redis

/**
 * How a connection behaves when Redis is away.
 *
 * `command`: one try, then an error. `endpoint`: every call is answered or failed at once or within its time-out.
 * `dispatcher`: waits longer for an answer, since what it writes will be written again. `subscriber`: listens, and listens again.
 * None has an offline queue, and none sends a command twice: what was not acknowledged is for the caller to judge.
 */
export type Profile = 'command' | 'endpoint' | 'dispatcher' | 'subscriber'

const common = {
  lazyConnect: true,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // After a refused connection ioredis keeps the process for so long, 2 s unless told otherwise.
  disconnectTimeout: 100,
  // A master that has become a replica keeps its connections: the new one is found by connecting anew. The command was refused, and
  // is not sent again. Before Redis 7 the word stands within an "ERR Error running script".
  reconnectOnError: ({message}: Error) => message.includes('READONLY'),
}

/** Half a second at most, and never in step: the serves of a dead Redis must not come back as one. */
const reconnect = (tries: number) => Math.min(500, 20 * 2 ** Math.min(tries, 5)) * (0.5 + Math.random() / 2)

/** After so long without an answer the command fails, and the connection is made anew: its other end may be gone without a word. */
const patience = (ms: number) => ({connectTimeout: ms, commandTimeout: ms, socketTimeout: ms, retryStrategy: reconnect})

const dispatcherPatienceMs = 5_000
const leastPatienceMs = 500

const profiles = {
  command: () => ({connectTimeout: 2_000, commandTimeout: 10_000, retryStrategy: () => null}),
  // The endpoint answers 503 within 2 s, this and its own work included.
  endpoint: () => patience(1_500),
  // A lease is extended when a third of it has passed: given up after another third, it can be tried again within the last.
  dispatcher: (leaseMs: number) => patience(Math.max(leastPatienceMs, Math.min(dispatcherPatienceMs, leaseMs / 3))),
  // Nothing is asked there, so only the kernel can find that the other end is gone.
  subscriber: () => ({connectTimeout: 3_000, keepAlive: 10_000, retryStrategy: reconnect, autoResubscribe: false}),
}

export interface ConnectOptions {
  /** For a dispatcher: how long its claims hold. */
  leaseMs?: number | undefined
}

/** Connects, or throws `redis_unavailable` with the cause that ioredis names only in its error event. Never prints a password. */
export async function connect(url: string, profile: Profile, {leaseMs = Infinity}: ConnectOptions = {}): Promise<RedisClient> {
  const options = {...parseRedisUrl(url), ...common, ...profiles[profile](leaseMs), replyMapping: 'legacy' as const}
  const redis = new Redis(options)
  let last: Error | undefined
  redis.on('error', (error: Error) => (last = error))
  try {
    // Answers only when the password is right and the data is loaded.
    await within(
      firstAnswerMs,
      redis.connect().then(() => redis.ping()),
    )
    return redis
  } catch (error) {
    redis.disconnect()
    const cause = last ?? error
    throw new TorqueError('redis_unavailable', `no Redis at ${displayUrl(url)}: ${reasonOf(cause)}`, {
      hint: 'start it, or name another with --redis or TORQUE_REDIS_URL',
      cause,
    })
  }
}

/** A Redis that takes connections and never answers is down, too: a command says so within 3 s, start-up included. */
const firstAnswerMs = 2_300

/** Rejects where the answer takes longer. */
export async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(reject, ms, new Error(`no answer within ${ms} ms`))
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
}

/** The URL, or what was meant to be one, without its user and password. Only a socket's path may have an `@` of its own. */
export function displayUrl(url: string): string {
  return /^unix:/i.test(url) ? url.replace(/^(unix:\/\/)[^/]*@/i, '$1') : url.replace(/^([a-z+]+:\/\/)?.*@/is, '$1')
}

/** Stands in for the host of a socket, since no URL may have a user and no host. */
const noHost = 'no-host'

/** Reads `redis://`, `rediss://` and `unix://`, with user, password and database. Throws `invalid_option`. */
export function parseRedisUrl(url: string): RedisOptions {
  const full = url.replace(/^(unix:\/\/[^/]*@)\//i, `$1${noHost}/`)
  const parsed = URL.canParse(full) ? new URL(full) : undefined
  if (!parsed || !['redis:', 'rediss:', 'unix:'].includes(parsed.protocol)) {
    throw new TorqueError('invalid_option', `not a Redis URL: ${JSON.stringify(displayUrl(url))}`, {
      field: 'redis',
      hint: 'redis://host:6379/0, rediss://… or unix:///path/to/redis.sock',
    })
  }
  const db = databaseOf(parsed)
  return {
    ...credentials(parsed),
    ...(parsed.protocol === 'unix:' ? {path: unixPath(parsed)} : address(parsed)),
    ...(db !== undefined && {db}),
  }
}

function credentials({username, password}: URL): RedisOptions {
  return {...(username && {username: decode(username)}), ...(password && {password: decode(password)})}
}

function address({protocol, hostname, port}: URL): RedisOptions {
  const host = hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  return {host, port: Number(port || 6379), ...(protocol === 'rediss:' && {tls: {servername: host}})}
}

function unixPath({host, pathname}: URL): string {
  // unix://relative/path keeps its first part where a host would be.
  return decode((host === noHost ? '' : host) + pathname)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TorqueError('invalid_option', 'a % in the Redis URL does not begin an escape; write %25', {field: 'redis'})
  }
}

function databaseOf({protocol, pathname, searchParams, href}: URL): number | undefined {
  const text = searchParams.get('db') ?? (protocol === 'unix:' ? '' : pathname.slice(1))
  if (text === '') return undefined
  if (!/^\d{1,4}$/.test(text))
    throw new TorqueError('invalid_option', `no such Redis database in ${displayUrl(href)}`, {field: 'redis'})
  return Number(text)
}
