import type {RedisClient} from './connect.js'

export interface ServerAddress {
  host: string
  port: number
}

/**
 * Where the servers listen that a connection has to do with: the one that it leads to, by its address and not by a name, and the
 * replicas that this one knows of. Never throws: a server that is away tells nothing.
 */
export async function serverAddresses(redis: RedisClient): Promise<ServerAddress[]> {
  return [...peerOf(redis), ...(await replicasOf(redis))]
}

function peerOf({stream}: RedisClient): ServerAddress[] {
  // None before it is connected, and none on a unix socket.
  const {remoteAddress: host, remotePort: port} = (stream ?? {}) as Partial<RedisClient['stream']>
  return host === undefined || port === undefined ? [] : [{host, port}]
}

async function replicasOf(redis: RedisClient): Promise<ServerAddress[]> {
  const text = await redis.info('replication').catch(() => '')
  const found = [...text.matchAll(/^(?:slave\d+:ip=(.+?),port=(\d+)|master_host:(\S+)\s+master_port:(\d+))/gm)]
  return found.map(([, replica, replicaPort, master, masterPort]) => ({
    host: replica ?? master ?? '',
    port: Number(replicaPort ?? masterPort),
  }))
}
