import type {Store} from '../../queue/store.js'
import type {Filter} from '../../task/filter.js'
import type {TaskRecord} from '../../task/task.js'
import {type TaskView, taskView} from '../../task/view.js'

export interface TaskPagesOptions {
  queue?: string | undefined
  filter: Filter
  /** How many tasks in all. */
  limit: number
  cursor?: string | undefined
  /** Aborted: end with the page in flight. */
  signal?: AbortSignal | undefined
  /** After each page, with the number of tasks gone over and found so far. */
  onPage?: ((scanned: number, found: number) => void) | undefined
}

/** The most that one page of the store may hold, and the most tasks that are gone over for it. */
const [pageSize, mostScanned] = [1000, 5000]

/** Tasks page by page, up to `limit` in all; where the last page ended is in `cursor`. */
export class TaskPages {
  /** Where the next page starts; null when there is no more. */
  cursor: string | null
  readonly #store: Store
  readonly #options: TaskPagesOptions

  constructor(store: Store, options: TaskPagesOptions) {
    this.#store = store
    this.#options = options
    this.cursor = options.cursor ?? null
  }

  /** One task after the other, as they are listed. */
  async *tasks(): AsyncGenerator<TaskView> {
    const limits = await this.#store.inspector.limits()
    for await (const record of this.records()) yield taskView(record, limits)
  }

  /** The same with all that is known of them. The next page is read only when it is asked for. */
  async *records(): AsyncGenerator<TaskRecord> {
    const {queue, filter, limit, onPage} = this.#options
    let [scanned, found] = [0, 0]
    while (found < limit && !this.#options.signal?.aborted) {
      const page = await this.#store.inspector.page({
        queue,
        filter,
        limit: Math.min(limit - found, pageSize),
        cursor: this.cursor ?? undefined,
        mostScanned,
      })
      this.cursor = page.cursor
      scanned += page.scanned
      found += page.records.length
      onPage?.(scanned, found)
      yield* page.records
      if (page.cursor === null) return
    }
  }
}
