import {TorqueError} from '../errors.js'
import type {NewTask} from '../task/task.js'
import type {Queue} from './queue.js'

/** Soon: the tasks must be found before they are delivered and, perhaps, no longer kept. */
const firstTryMs = 200
const nextTryMs = 1_000
/** Whoever was told an id long ago, or with many others, is not waited for. */
const mostTries = 600
const mostIds = 10_000

/**
 * Adds whose answer never came. Their producers were told ids, which no key in Redis stands for: as soon as it answers again, it is
 * asked to remember those that are there, so that sending one again adds nothing twice.
 */
export class UnansweredAdds {
  readonly #queue: Pick<Queue, 'remember'>
  #ids: string[] = []
  #isWaiting = false
  #failures = 0

  constructor(queue: Pick<Queue, 'remember'>) {
    this.#queue = queue
  }

  note(tasks: readonly NewTask[]): void {
    const ids = tasks.filter(({dedupKeys}) => dedupKeys.length === 0).map(({id}) => id)
    this.#ids = [...this.#ids, ...ids].slice(-mostIds)
    this.#failures = 0
    this.#later()
  }

  #later(): void {
    if (this.#isWaiting || this.#ids.length === 0) return
    this.#isWaiting = true
    setTimeout(() => void this.#try(), this.#failures > 0 ? nextTryMs : firstTryMs).unref()
  }

  async #try(): Promise<void> {
    const ids = this.#ids.splice(0)
    try {
      await this.#queue.remember(ids)
    } catch (error) {
      this.#failures += 1
      // What Redis refuses for good is not tried again.
      const isPassing = error instanceof TorqueError && error.status === 503
      if (isPassing && this.#failures < mostTries) this.#ids = [...ids, ...this.#ids].slice(-mostIds)
    }
    this.#isWaiting = false
    this.#later()
  }
}
