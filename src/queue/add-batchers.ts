import type {TorqueError} from '../errors.js'
import type {NewTask} from '../task/task.js'
import {AddBatcher} from './add-batcher.js'
import type {AddResult} from './queue.js'
import type {Store} from './store.js'

export interface AddBatchersOptions {
  /** Told a queue's name whenever tasks have been sent to it. */
  onSent?: (queue: string) => void
}

/** The batchers of a store's queues, made as they are needed. */
export class AddBatchers {
  readonly #store: Pick<Store, 'queue'>
  readonly #options: AddBatchersOptions
  readonly #batchers = new Map<string, AddBatcher>()

  constructor(store: Pick<Store, 'queue'>, options: AddBatchersOptions = {}) {
    this.#store = store
    this.#options = options
  }

  /** A result, or an error, for each of a queue's tasks, in order. Never rejects. */
  add(queue: string, tasks: readonly NewTask[]): Promise<(AddResult | TorqueError)[]> {
    const batcher = this.#batcherOf(queue)
    const [first] = tasks
    // Nearly always, and this is the hot path.
    if (first && tasks.length === 1) return batcher.add(first).then((result) => [result])
    return Promise.all(tasks.map((task) => batcher.add(task)))
  }

  #batcherOf(queue: string): AddBatcher {
    let batcher = this.#batchers.get(queue)
    if (!batcher) {
      batcher = new AddBatcher(this.#store.queue(queue), {onSent: () => this.#options.onSent?.(queue)})
      this.#batchers.set(queue, batcher)
    }
    return batcher
  }
}
