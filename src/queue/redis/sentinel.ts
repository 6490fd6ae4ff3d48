import {Redis, type RedisOptions} from 'ioredis'

import type {ServerAddress} from './redis-url-parts.js'

/** One Sentinel that is down must leave time to ask the next: all of them together have 2 s. */
const sentinelMs = 700

type SentinelOptions = Omit<RedisOptions, 'replyMapping'>

/**
 * What a connection needs besides that goes to the master which Sentinels name. Each time it is lost they are asked anew, and a
 * server that is no master, or not any more, is not taken.
 */
export function sentinelOptions({retryStrategy}: RedisOptions): SentinelOptions {
  const retries = retryStrategy?.(1) != null
  return {
    // Asks a server for its role.
    enableReadyCheck: true,
    role: 'master',
    connectTimeout: sentinelMs,
    sentinelCommandTimeout: sentinelMs,
    // Without it the connection would end for good when no Sentinel answers.
    sentinelRetryStrategy: (tries) => (retries ? retryStrategy?.(tries) : null),
  }
}

/** Why there is no master, in words for those who named the Sentinels. */
export function sentinelReason(error: unknown, {name}: RedisOptions): string {
  const message = error instanceof Error ? error.message : String(error)
  if (/invalid reply: null$|No such master with that name/.test(message))
    return `no Sentinel there knows a master named ${JSON.stringify(name)}`
  const cause = /(?:Last error: | because )(.*)$/s.exec(message)?.[1]
  // What ioredis says of a connection that nobody took is no reason.
  return cause === undefined ? message : `no Sentinel answers${cause === 'Connection is closed.' ? '' : `: ${cause}`}`
}

/** Where the master, its replicas and the Sentinels that watch them listen. Throws where no Sentinel tells. */
export async function sentinelAddresses(options: RedisOptions): Promise<ServerAddress[]> {
  let failure: unknown
  for (const {host = '127.0.0.1', port = 26_379} of options.sentinels ?? []) {
    try {
      return await askSentinel({host, port}, options)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

async function askSentinel(address: ServerAddress, options: RedisOptions): Promise<ServerAddress[]> {
  const {name = '', sentinelUsername: username, sentinelPassword: password, sentinelTLS: tls} = options
  const redis = new Redis({
    ...address,
    ...(username && {username}),
    ...(password && {password}),
    ...(tls && {tls}),
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    connectTimeout: sentinelMs,
    commandTimeout: sentinelMs,
    retryStrategy: () => null,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    const ask = (what: string) => redis.call('SENTINEL', what, name)
    const [host, port] = (await ask('GET-MASTER-ADDR-BY-NAME')) as [string, string]
    const others = [await ask('REPLICAS'), await ask('SENTINELS')].flatMap((list) => (list as string[][]).map(addressOf))
    return [{host, port: Number(port)}, ...others]
  } finally {
    redis.disconnect()
  }
}

/** Of a list of names and values in turn. */
function addressOf(flat: readonly string[]): ServerAddress {
  return {host: flat[flat.indexOf('ip') + 1] ?? '', port: Number(flat[flat.indexOf('port') + 1])}
}
