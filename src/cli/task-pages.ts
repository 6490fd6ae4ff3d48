import type {Store} from '../queue/store.js'
import type {TaskState} from '../task/task.js'
import {type TaskView, taskView} from '../task/view.js'

export interface TaskPagesOptions {
  queue?: string | undefined
  states?: readonly TaskState[] | undefined
  /** How many tasks in all. */
  limit: number
  cursor?: string | undefined
}

/** The most that one page of the store may hold. */
const pageSize = 1000

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

  /** One task after the other; the next page is read only when it is asked for. */
  async *tasks(): AsyncGenerator<TaskView> {
    const {queue, states, limit} = this.#options
    const limits = await this.#store.inspector.limits()
    for (let left = limit; left > 0;) {
      const page = await this.#store.inspector.page({
        queue,
        states,
        limit: Math.min(left, pageSize),
        cursor: this.cursor ?? undefined,
      })
      this.cursor = page.cursor
      left -= page.records.length
      yield* page.records.map((record) => taskView(record, limits))
      if (page.cursor === null) return
    }
  }
}
