import type {QueueKeys} from './keys.js'

/** What a script must know of a task to find its keys. */
export interface Keyed {
  flowKey: string
  dedupKeys: readonly string[]
}

/**
 * The keys a batch of tasks touches, each declared once, since a cluster wants to know them: the fixed ones, a key per
 * lane, then the dedup keys. The scripts refer to them by index, from 1.
 */
export class BatchKeys {
  readonly all: readonly string[]
  readonly laneNames: readonly string[]
  readonly #laneIndex = new Map<string, number>()
  readonly #dedupIndex = new Map<string, number>()

  constructor(keys: QueueKeys, tasks: readonly Keyed[], fixed = keys.fixed) {
    for (const {flowKey} of tasks) {
      if (!this.#laneIndex.has(flowKey)) this.#laneIndex.set(flowKey, this.#laneIndex.size + 1)
    }
    this.laneNames = [...this.#laneIndex.keys()]
    const first = fixed.length + this.laneNames.length + 1
    for (const key of tasks.flatMap(({dedupKeys}) => dedupKeys)) {
      if (!this.#dedupIndex.has(key)) this.#dedupIndex.set(key, first + this.#dedupIndex.size)
    }
    const dedups = [...this.#dedupIndex.keys()].map((key) => keys.dedup(key))
    this.all = [...fixed, ...this.laneNames.map((lane) => keys.lane(lane)), ...dedups]
  }

  /** Index of the task's lane among the lanes. */
  lane({flowKey}: Keyed): number {
    return this.#laneIndex.get(flowKey) ?? 0
  }

  /** Indexes of its dedup entries among all keys, comma-separated. */
  dedup({dedupKeys}: Keyed): string {
    return dedupKeys.map((key) => this.#dedupIndex.get(key)).join(',')
  }
}
