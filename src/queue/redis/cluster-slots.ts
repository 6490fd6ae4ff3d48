import type {Redis} from 'ioredis'

import type {ServerAddress} from './redis-url.js'

/** How many hash slots a cluster has. */
export const slotCount = 16_384

/** A run of slots, its ends included, and the master that has them. */
export interface SlotRange {
  from: number
  to: number
  master: ServerAddress
  replicas: ServerAddress[]
}

type Reply = [from: number, to: number, ...nodes: [host: string | null, port: number, ...rest: unknown[]][]][]

/** Asks a node which node has which slots. Throws what Redis throws, and where no slot is anybody's. */
export async function readSlots(node: Redis): Promise<SlotRange[]> {
  const reply = (await node.cluster('SLOTS')) as Reply
  if (reply.length === 0) throw new Error('this cluster has no slots assigned')
  return reply.map(([from, to, ...nodes]) => {
    const [master, ...replicas] = nodes.map(([host, port]) => ({host: hostOr(host, node), port}))
    return {from, to, master: master!, replicas}
  })
}

/** Reads the `host:port` of a redirection that a node gave. */
export function redirectedTo(text: string, node: Redis): ServerAddress {
  const colon = text.lastIndexOf(':')
  return {host: hostOr(text.slice(0, colon), node), port: Number(text.slice(colon + 1))}
}

/** A node that has not been told its own name leaves it out: it is the one that was asked. */
function hostOr(host: string | null, node: Redis): string {
  return host || (node.options.host ?? '127.0.0.1')
}

/** As a key of maps; an IPv6 address has colons of its own. */
export function nameOf({host, port}: ServerAddress): string {
  return `${host} ${port}`
}
