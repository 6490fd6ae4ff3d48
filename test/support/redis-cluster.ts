import {type GroupServer, RedisGroup, untilLinked} from './redis-group.js'
import {until} from './until.js'

export interface ClusterNode extends GroupServer {
  id: string
}

const slotCount = 16_384
const masterCount = 3

/** Three masters that share the slots, with a replica each. */
export class RedisCluster {
  readonly group: RedisGroup
  readonly #args: readonly string[]
  /** Masters first, then the replica of each, as they were when they started. */
  readonly nodes: readonly ClusterNode[]

  private constructor(group: RedisGroup, nodes: readonly ClusterNode[], args: readonly string[]) {
    this.group = group
    this.#args = args
    this.nodes = nodes
  }

  /** Resolves when a failover would succeed. */
  static async start(args: readonly string[] = []): Promise<RedisCluster> {
    const group = new RedisGroup()
    const own = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-replica-validity-factor', '0']
    const data = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1']
    const all = [...own, ...data, ...args]
    const servers = await Promise.all(Array.from({length: 2 * masterCount}, () => group.start(all)))
    const nodes = await Promise.all(servers.map(async (server) => ({...server, id: await server.redis.cluster('MYID')})))
    const cluster = new RedisCluster(group, nodes, all)
    await cluster.#form()
    return cluster
  }

  /** Names one replica and one master only: it finds the others. */
  get url(): string {
    const [, second, , third] = this.nodes
    return `redis+cluster://127.0.0.1:${third!.port},127.0.0.1:${second!.port}`
  }

  get masters(): readonly ClusterNode[] {
    return this.nodes.slice(0, masterCount)
  }

  /** Resolves when every node has seen the cluster whole. */
  async untilWhole(nodes = this.nodes): Promise<void> {
    for (const {redis} of nodes) {
      await until(async () => String(await redis.cluster('INFO')).includes('cluster_state:ok'))
    }
  }

  /** The node that has a slot, in the words of the node asked. */
  async ownerOf(slot: number, asked: ClusterNode = this.nodes[0]!): Promise<ClusterNode> {
    const ranges = await asked.redis.cluster('SLOTS')
    const [, , owner] = ranges.find(([from, to]) => from <= slot && slot <= to)!
    return this.nodes.find(({port}) => port === owner?.[1])!
  }

  /** The replica of a master, in the words of that master. */
  async replicaOf({redis, id}: ClusterNode): Promise<ClusterNode> {
    const [line = ''] = (await redis.cluster('REPLICAS', id)) as string[]
    return this.nodes.find((node) => line.startsWith(node.id))!
  }

  /** Has a replica take over from its master, in order. Resolves when all nodes know. */
  async failOver(slot: number): Promise<void> {
    const replica = await this.replicaOf(await this.ownerOf(slot))
    await replica.redis.cluster('FAILOVER')
    for (const node of this.nodes) await until(async () => (await this.ownerOf(slot, node)) === replica)
  }

  /** Moves a slot to another master, a few keys at a time; `halfway` runs when it is announced, and when the first keys have gone. */
  async moveSlot(slot: number, to: ClusterNode, halfway: () => Promise<void>): Promise<void> {
    const from = await this.ownerOf(slot)
    await to.redis.cluster('SETSLOT', slot, 'IMPORTING', from.id)
    await from.redis.cluster('SETSLOT', slot, 'MIGRATING', to.id)
    for (let moved = 0; ; moved++) {
      if (moved < 2) await halfway()
      const keys = await from.redis.cluster('GETKEYSINSLOT', slot, 3)
      if (keys.length === 0) break
      await from.redis.migrate('127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys)
    }
    for (const {redis} of [to, from]) await redis.cluster('SETSLOT', slot, 'NODE', to.id)
    for (const node of this.nodes) await until(async () => (await this.ownerOf(slot, node)) === to)
  }

  /** Starts a node again that was killed: as a replica of who has taken over from it. Resolves when it has what that one has. */
  async restart(node: ClusterNode): Promise<void> {
    Object.assign(node, await this.group.start(this.#args, {port: node.port}))
    await untilLinked(node)
    await this.untilWhole()
  }

  /** Resolves when these nodes know that a slot is no longer a master's, and that all is whole. */
  async untilMoved(slot: number, from: ClusterNode, nodes: readonly ClusterNode[]): Promise<void> {
    for (const node of nodes) await until(async () => (await this.ownerOf(slot, node)) !== from)
    await this.untilWhole(nodes)
  }

  async #form(): Promise<void> {
    await Promise.all(
      this.nodes.map(async ({redis}, index) => {
        await redis.cluster('SET-CONFIG-EPOCH', index + 1)
        if (index < masterCount) await redis.cluster('ADDSLOTS', ...slotsOf(index))
      }),
    )
    for (const {redis} of this.nodes) {
      for (const {port} of this.nodes) await redis.cluster('MEET', '127.0.0.1', port)
    }
    for (const {redis} of this.nodes) {
      await until(async () => String(await redis.cluster('INFO')).includes('cluster_known_nodes:6'))
    }
    const replicas = this.nodes.slice(masterCount)
    for (const [index, {redis}] of replicas.entries()) {
      await until(async () => (await redis.cluster('REPLICATE', this.nodes[index]!.id).catch(String)) === 'OK')
    }
    for (const replica of replicas) await untilLinked(replica)
    await this.untilWhole()
  }
}

function slotsOf(index: number): number[] {
  const [from, to] = [index, index + 1].map((part) => Math.floor((part * slotCount) / masterCount)) as [number, number]
  return Array.from({length: to - from}, (_slot, at) => from + at)
}
