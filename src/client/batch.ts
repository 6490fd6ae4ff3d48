import {TorqueError} from '../errors.js'
import {type EncodedTask, encodeTask} from './encode.js'
import type {TaskFields} from './fields.js'

/** What one `POST /tasks` takes: tasks, and bytes of its body. */
const maxTasks = 10_000
const maxBytes = 16 * 1024 * 1024

/** A task of the list and its place in it. */
export interface Slot {
  index: number
  task: EncodedTask
}

/**
 * The list in as few requests as the server takes, each made when it is asked for, so that a long list is not encoded all at
 * once. A task that cannot be sent goes to `refuse` instead.
 */
export function* batchesOf(list: Iterable<TaskFields>, refuse: (index: number, error: TorqueError) => void): Generator<Slot[]> {
  let batch: Slot[] = []
  let bytes = brackets
  for (const [index, fields] of numbered(list)) {
    const task = tryEncode(fields)
    if (task instanceof TorqueError) {
      refuse(index, task)
      continue
    }
    const size = Buffer.byteLength(task.text) + comma
    if (batch.length === maxTasks || (batch.length > 0 && bytes + size > maxBytes)) {
      yield batch
      ;[batch, bytes] = [[], brackets]
    }
    batch.push({index, task})
    bytes += size
  }
  if (batch.length > 0) yield batch
}

const brackets = 2
const comma = 1

function* numbered<T>(list: Iterable<T>): Generator<[number, T]> {
  let index = 0
  for (const item of list) yield [index++, item]
}

function tryEncode(fields: TaskFields): EncodedTask | TorqueError {
  try {
    const task = encodeTask(fields)
    if (Buffer.byteLength(task.text) + brackets <= maxBytes) return task
    return new TorqueError('too_large', `the task is over ${maxBytes} bytes`, {...(task.id && {id: task.id})})
  } catch (error) {
    if (error instanceof TorqueError) return error
    throw error
  }
}
