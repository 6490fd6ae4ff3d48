import {newId} from '../task/id.js'
import {addEncoded} from './add.js'
import {encodeTask} from './encode.js'
import type {TaskFields} from './fields.js'
import type {AddedTask} from './result.js'
import type {Settings} from './settings.js'

/**
 * A web hook to call, added when told: `new Task({url, params: {a: 1}, delay: 2}).add()`. Adding it twice queues two tasks,
 * as in the original, unless it has an `id` or an `idempotencyKey`.
 */
export class Task {
  readonly fields: Readonly<TaskFields>
  #failedId: string | undefined

  constructor(fields: TaskFields) {
    this.fields = Object.freeze({...fields})
  }

  /** Adds it, as `add` does. After a failure the next call goes by the same id, so that trying again is safe. */
  async add(settings?: Settings): Promise<AddedTask> {
    const id = this.#failedId ?? newId()
    // Taken before the first await: calls that overlap are tasks of their own.
    this.#failedId = undefined
    try {
      return await addEncoded(encodeTask(this.fields, id), settings)
    } catch (error) {
      this.#failedId = id
      throw error
    }
  }
}
