import {Command, Redis} from 'ioredis'

import {ClusterNodes} from './cluster-nodes.js'
import {Trip} from './cluster-trip.js'
import type {ConnectionOptions} from './profiles.js'
import type {ServerAddress} from './redis-url.js'

/**
 * A Redis Cluster, in the shape of a connection to one server: a command goes to the node that has its key, one without a key to
 * any. Its keys must be of one slot, and there is no MULTI. It is no `Cluster` of ioredis because that sends commands again whose
 * connection was lost, keeps what it cannot send, and does not tell which node took a write.
 */
export class ClusterClient extends Redis {
  readonly #nodes: ClusterNodes
  readonly #timeoutMs: number | undefined

  constructor(seeds: readonly ServerAddress[], options: ConnectionOptions) {
    super({lazyConnect: true})
    this.#timeoutMs = options.commandTimeout
    this.#nodes = new ClusterNodes({seeds, options, changed: () => this.status === 'ready' && this.emit('ready')})
  }

  override async connect(): Promise<void> {
    await this.#nodes.open()
    this.status = 'ready'
  }

  override sendCommand(command: Command): unknown {
    if (this.status === 'ready') new Trip(command, {nodes: this.#nodes, timeoutMs: this.#timeoutMs}).start()
    else command.reject(new Error("Stream isn't writeable: the cluster is not connected"))
    return command.promise
  }

  override async quit(): Promise<'OK'> {
    this.status = 'end'
    await this.#nodes.quit()
    return 'OK'
  }

  override disconnect(): void {
    this.status = 'end'
    this.#nodes.disconnect()
  }

  /** The connections to the nodes that have slots. */
  servers(): readonly Redis[] {
    return this.#nodes.all
  }

  addresses(): readonly ServerAddress[] {
    return this.#nodes.addresses
  }

  serverOf(key: string): Redis | undefined {
    return this.#nodes.ofSlot(new Command('get', [key]).getSlot())
  }
}
