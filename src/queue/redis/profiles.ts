import type {RedisOptions} from 'ioredis'

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
  replyMapping: 'legacy' as const,
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

/** What every connection is made with. */
export type ConnectionOptions = RedisOptions & Pick<typeof common, 'replyMapping'>

/** `leaseMs` is for a dispatcher: how long its claims hold. */
export function optionsOf(profile: Profile, leaseMs = Infinity): ConnectionOptions {
  return {...common, ...profiles[profile](leaseMs)}
}
