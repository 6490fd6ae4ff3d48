import {type GroupServer, infoOf, RedisGroup, untilLinked} from './redis-group.js'
import {until} from './until.js'

/** A master with two replicas and three Sentinels that watch them. */
export class SentinelSet {
  readonly group: RedisGroup
  readonly sentinels: readonly GroupServer[]
  /** Masters and replicas, whichever is which. */
  readonly servers: readonly GroupServer[]

  private constructor(group: RedisGroup, servers: readonly GroupServer[], sentinels: readonly GroupServer[]) {
    this.group = group
    this.servers = servers
    this.sentinels = sentinels
  }

  /** Resolves when a failover would succeed. `args` are for the three that hold data. */
  static async start(args: readonly string[] = []): Promise<SentinelSet> {
    const group = new RedisGroup()
    const data = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', ...args]
    const master = await group.start(data)
    const replicas = await Promise.all([1, 2].map(() => group.start([...data, '--replicaof', '127.0.0.1', String(master.port)])))
    const sentinel = [
      `sentinel monitor main 127.0.0.1 ${master.port} 2`,
      'sentinel down-after-milliseconds main 700',
      'sentinel failover-timeout main 1000',
    ]
    const sentinels = await Promise.all([1, 2, 3].map(() => group.start([], {sentinel: `${sentinel.join('\n')}\n`})))
    const set = new SentinelSet(group, [master, ...replicas], sentinels)
    await set.untilSteady()
    return set
  }

  get url(): string {
    return `redis+sentinel://${this.sentinels.map(({port}) => `127.0.0.1:${port}`).join(',')}/main`
  }

  /** Who is the master, in the words of the Sentinels. */
  async master(): Promise<GroupServer> {
    const [, port] = (await this.sentinels[0]!.redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')) as [string, string]
    return this.servers.find((server) => server.port === Number(port))!
  }

  /** Resolves when the Sentinels name such a master. */
  async untilMaster(isIt: (server: GroupServer) => boolean): Promise<void> {
    await until(async () => isIt(await this.master()))
  }

  /** Those that hold data and run. */
  get live(): readonly GroupServer[] {
    return this.servers.filter(({process}) => process.exitCode === null && process.signalCode === null)
  }

  /** Resolves when each Sentinel knows the others and both replicas, and those that run have what the master has. */
  async untilSteady(): Promise<void> {
    for (const {redis} of this.sentinels) {
      await until(async () => {
        const flat = (await redis.call('SENTINEL', 'MASTER', 'main')) as string[]
        const value = (name: string) => flat[flat.indexOf(name) + 1]
        return value('num-other-sentinels') === '2' && value('num-slaves') === '2' && value('flags') === 'master'
      })
    }
    const master = await this.master()
    const replicas = this.live.filter((server) => server !== master)
    await until(async () => Number((await infoOf(master, 'replication'))['connected_slaves']) === replicas.length)
    for (const replica of replicas) await untilLinked(replica)
  }
}
