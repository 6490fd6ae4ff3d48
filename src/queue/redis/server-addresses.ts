import type {Redis} from 'ioredis'

import type {RedisClient} from './connect.js'
import type {ServerAddress} from './redis-url.js'

/**
 * Where the servers listen that a connection has to do with: those that it leads to, by their addresses and not by a name, and the
 * replicas that these know of. Never throws: a server that is away tells nothing.
 */
export async function serverAddresses(redis: RedisClient): Promise<ServerAddress[]> {
  const servers = redis.servers?.() ?? [redis]
  const replicas = await Promise.all(servers.map(replicasOf))
  return [...(redis.addresses?.() ?? []), ...servers.flatMap(peerOf), ...replicas.flat(), ...(await watchedBySentinels(redis))]
}

/** Sentinels themselves too, those that nobody has named among them. */
async function watchedBySentinels({options}: RedisClient): Promise<ServerAddress[]> {
  if (!options.sentinels) return []
  const {sentinelAddresses} = await import('./sentinel.js')
  return sentinelAddresses(options).catch(() => [])
}

function peerOf({stream}: Redis): ServerAddress[] {
  // None before it is connected, and none on a unix socket.
  const {remoteAddress: host, remotePort: port} = (stream ?? {}) as Partial<Redis['stream']>
  return host === undefined || port === undefined ? [] : [{host, port}]
}

async function replicasOf(redis: Redis): Promise<ServerAddress[]> {
  const text = await redis.info('replication').catch(() => '')
  const found = [...text.matchAll(/^(?:slave\d+:ip=(.+?),port=(\d+)|master_host:(\S+)\s+master_port:(\d+))/gm)]
  return found.map(([, replica, replicaPort, master, masterPort]) => ({
    host: replica ?? master ?? '',
    port: Number(replicaPort ?? masterPort),
  }))
}
