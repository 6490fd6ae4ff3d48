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
  /** Masters first, then the replica of each, as they were when they started. */
  readonly nodes: readonly ClusterNode[]

  private constructor(group: RedisGroup, nodes: readonly ClusterNode[]) {
    this.group = group
    this.nodes = nodes
  }

  /** Resolves when a failover would succeed. */
  static async start(args: readonly string[] = []): Promise<RedisCluster> {
    const group = new RedisGroup()
    const own = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-replica-validity-factor', '0']
    const data = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1']
    const servers = await Promise.all(Array.from({length: 2 * masterCount}, () => group.start([...own, ...data, ...args])))
    const nodes = await Promise.all(servers.map(async (server) => ({...server, id: await server.redis.cluster('MYID')})))
    const cluster = new RedisCluster(group, nodes)
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
