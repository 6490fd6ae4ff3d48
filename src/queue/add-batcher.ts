import {type ErrorCode, TorqueError} from '../errors.js'
import type {NewTask} from '../task/task.js'
import {batchLimit} from './context.js'
import type {AddResult, Queue} from './queue.js'
import {UnansweredAdds} from './unanswered-adds.js'

interface Waiting {
  task: NewTask
  resolve: (result: AddResult | TorqueError) => void
}

export interface AddBatcherOptions {
  /** Told whenever tasks have been sent, and were added unless something went wrong. */
  onSent?: (() => void) | undefined
  /** Tasks that wait to be sent may take so much memory; more are refused. */
  maxWaitingBytes?: number
}

/** Some fifty thousand tasks of the usual size: seconds of Redis's time, and little beside what the requests themselves take. */
const defaultMaxWaitingBytes = 64 << 20

/** What a task takes besides its payload. */
const bytesPerTask = 1024

/**
 * Adds that arrive together go to Redis together: those of one turn of the event loop, and those that came while the last call
 * was on its way. One call of a queue is in flight at a time.
 */
export class AddBatcher {
  readonly #queue: Queue
  readonly #onSent: (() => void) | undefined
  readonly #maxWaitingBytes: number
  readonly #unanswered: UnansweredAdds
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #sending = false

  constructor(queue: Queue, {onSent, maxWaitingBytes = defaultMaxWaitingBytes}: AddBatcherOptions = {}) {
    this.#queue = queue
    this.#onSent = onSent
    this.#maxWaitingBytes = maxWaitingBytes
    this.#unanswered = new UnansweredAdds(queue)
  }

  /** Resolves once Redis has the task, or to the error that tells whether it may have. Never rejects. */
  add(task: NewTask): Promise<AddResult | TorqueError> {
    const bytes = bytesOf(task)
    if (this.#waitingBytes + bytes > this.#maxWaitingBytes) return Promise.resolve(tooManyWait())
    this.#waitingBytes += bytes
    return new Promise((resolve) => {
      this.#waiting.push({task, resolve})
      if (this.#sending) return
      this.#sending = true
      setImmediate(() => void this.#sendAll())
    })
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#send(this.#take(batchLimit))
      this.#onSent?.()
    }
    this.#sending = false
  }

  #take(limit: number): Waiting[] {
    const all = this.#waiting.length <= limit
    const taken = all ? this.#waiting : this.#waiting.splice(0, limit)
    if (all) this.#waiting = []
    for (const {task} of taken) this.#waitingBytes -= bytesOf(task)
    return taken
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#queue.add(batch.map(({task}) => task))
      batch.forEach(({resolve}, index) => resolve(results[index] as AddResult | TorqueError))
    } catch (error) {
      // What Redis refuses for one task's data is not the fault of those that came with it.
      if (codeOf(error) === 'internal' && batch.length > 1) for (const one of batch) await this.#send([one])
      else this.#fail(batch, error)
    }
  }

  #fail(batch: readonly Waiting[], error: unknown): void {
    if (codeOf(error) === 'outcome_unknown') this.#unanswered.note(batch.map(({task}) => task))
    for (const {task, resolve} of batch) resolve(errorFor(task, error))
    if (codeOf(error) !== 'redis_unavailable' && codeOf(error) !== 'outcome_unknown') return
    // Whoever came while Redis kept silent has waited long enough, and nothing of theirs was sent.
    const unsent = new TorqueError('redis_unavailable', 'Redis does not answer', {cause: error})
    for (const {resolve} of this.#take(Infinity)) resolve(unsent)
  }
}

/** Near enough: a character of text may take two bytes. */
function bytesOf({payload}: NewTask): number {
  return bytesPerTask + (payload.kind === 'none' ? 0 : payload.text.length)
}

function tooManyWait(): TorqueError {
  return new TorqueError('redis_unavailable', 'Redis does not keep up: too many tasks wait to be written', {
    hint: 'nothing was queued: send it again in a while',
  })
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof TorqueError ? error.code : 'internal'
}

/** The error of the whole batch as it concerns one task: only `outcome_unknown` leaves something to ask about by id. */
function errorFor({id}: NewTask, error: unknown): TorqueError {
  if (!(error instanceof TorqueError)) return new TorqueError('internal', 'the task could not be added', {cause: error})
  return error.code === 'outcome_unknown' ? new TorqueError(error.code, error.message, {id, cause: error.cause}) : error
}
