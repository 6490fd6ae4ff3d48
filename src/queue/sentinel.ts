import type {RedisOptions} from 'ioredis'

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
