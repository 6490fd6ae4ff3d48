import {Redis} from 'ioredis'

import {settledWithin} from '../../settled-within.js'
import {type SlotRange, nameOf, readSlots, slotCount} from './cluster-slots.js'
import type {ConnectionOptions} from './profiles.js'
import type {ServerAddress} from './redis-url.js'

/** Who has the slots is asked at most so often, in ms. */
const refreshEveryMs = 250

/** One node that is down must leave time to ask the next, when a command begins: all of them together have 2 s. */
const seedMs = 700

/** The commands that a node still has to answer, when it has lost its slots, get so long, in ms. */
const farewellMs = 2_000

export interface ClusterNodesOptions {
  /** Those that the URL names: some of them must answer. */
  seeds: readonly ServerAddress[]
  /** For the connections to nodes. */
  options: ConnectionOptions
  /** Told when other nodes have the slots than before. */
  changed: () => void
}

/** The nodes of a cluster that have slots, a connection to each, and who has which. */
export class ClusterNodes {
  readonly #options: ClusterNodesOptions
  readonly #nodes = new Map<string, Redis>()
  /** By slot, the name of the node that has it. */
  readonly #owners: (string | undefined)[] = Array.from({length: slotCount})
  #ranges: readonly SlotRange[] = []
  #refreshing: Promise<void> | undefined
  #refreshedAt = -Infinity
  #hasEnded = false
  #turn = 0

  constructor(options: ClusterNodesOptions) {
    this.#options = options
  }

  /** Learns who has the slots, and connects to all of them, or tries to. Throws where nobody tells. */
  async open(): Promise<void> {
    await this.#learn()
    await Promise.all(this.all.map((node) => connected(node)))
  }

  get all(): readonly Redis[] {
    return [...this.#nodes.values()]
  }

  /** Where nodes listen, masters and replicas alike. */
  get addresses(): readonly ServerAddress[] {
    return this.#ranges.flatMap(({master, replicas}) => [master, ...replicas])
  }

  ofSlot(slot: number): Redis | undefined {
    const owner = this.#owners[slot]
    return owner === undefined ? undefined : this.#nodes.get(owner)
  }

  /** One that answers, if any does; each in turn. */
  get any(): Redis | undefined {
    const {all} = this
    const ready = all.filter(({status}) => status === 'ready')
    const from = ready.length > 0 ? ready : all
    return from[this.#turn++ % from.length]
  }

  /** The connection to a node that another one has named. */
  at(address: ServerAddress): Redis {
    const known = this.#nodes.get(nameOf(address))
    return known && known.status !== 'end' ? known : this.#connect(address)
  }

  /** Notes, on the word of a node, who has a slot now. */
  moved(slot: number, address: ServerAddress): Redis {
    this.#owners[slot] = nameOf(address)
    this.refresh()
    return this.at(address)
  }

  /** Has it asked soon who has the slots: something went wrong with a node. */
  refresh(): void {
    if (this.#refreshing || this.#hasEnded) return
    const waitMs = Math.max(0, this.#refreshedAt + refreshEveryMs - performance.now())
    this.#refreshing = new Promise((resolve) => setTimeout(resolve, waitMs).unref())
      .then(() => (this.#hasEnded ? undefined : this.#learn()))
      // Nobody tells: whoever meets the next fault asks again.
      .catch(() => {})
      .finally(() => {
        this.#refreshedAt = performance.now()
        this.#refreshing = undefined
      })
  }

  /** Ends the connections; what is in flight is answered first. */
  async quit(): Promise<void> {
    this.#hasEnded = true
    await Promise.all(this.all.filter(({status}) => status === 'ready').map((node) => node.quit()))
  }

  disconnect(): void {
    this.#hasEnded = true
    for (const node of this.all) node.disconnect()
  }

  async #learn(): Promise<void> {
    // Not always the same one: it may be the one that is behind the times.
    const ready = this.all.filter(({status}) => status === 'ready').toSorted(() => Math.random() - 0.5)
    const seeds = this.#options.seeds.map((seed) => () => this.#askSeed(seed))
    let failure: unknown
    for (const ask of [...ready.map((node) => () => readSlots(node)), ...seeds]) {
      try {
        return this.#apply(await ask())
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /** Its connection serves for this only: nodes may have other names among themselves. */
  async #askSeed(seed: ServerAddress): Promise<SlotRange[]> {
    const {options} = this.#options
    const node = new Redis({...options, ...seed, connectTimeout: seedMs, commandTimeout: seedMs, retryStrategy: () => null})
    let last: Error | undefined
    node.on('error', (error: Error) => (last = error))
    try {
      await node.connect()
      return await readSlots(node)
    } catch (error) {
      throw last ?? error
    } finally {
      node.disconnect()
    }
  }

  #apply(ranges: readonly SlotRange[]): void {
    if (this.#hasEnded) return
    const before = this.#owners.join()
    this.#owners.fill(undefined)
    this.#ranges = ranges
    for (const {from, to, master} of ranges) {
      this.at(master)
      this.#owners.fill(nameOf(master), from, to + 1)
    }
    const names = new Set(this.#owners)
    for (const [name, node] of this.#nodes) if (!names.has(name)) this.#dismiss(name, node)
    if (this.#owners.join() !== before) this.#options.changed()
  }

  #connect(address: ServerAddress): Redis {
    const node = new Redis({...this.#options.options, ...address})
    this.#nodes.set(nameOf(address), node)
    // Why is told where a command fails; `close` comes after each try that failed.
    node.on('error', () => {}).on('close', () => this.refresh())
    void node.connect().catch(() => {})
    return node
  }

  #dismiss(name: string, node: Redis): void {
    this.#nodes.delete(name)
    node.removeAllListeners('close')
    if (node.status !== 'ready') return node.disconnect()
    void settledWithin(farewellMs, node.quit()).then(() => node.disconnect())
  }
}

/** Resolves when a connection that is being made is there, or has failed. */
export function connected(node: Redis): Promise<void> {
  if (!['wait', 'connecting', 'connect'].includes(node.status)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      node.off('ready', done).off('close', done).off('end', done)
      resolve()
    }
    node.on('ready', done).on('close', done).on('end', done)
  })
}
