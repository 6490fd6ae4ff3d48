import {TorqueError} from '../errors.js'
import type {EncodedTask} from './encode.js'

/** What one `POST /tasks` takes: tasks, and bytes of its body. */
const maxTasks = 10_000
const maxBytes = 16 * 1024 * 1024

/** A task of the list and its place in it. */
export interface Slot {
  index: number
  task: EncodedTask
}

export interface BatchOptions<Fields> {
  encode: (fields: Fields) => EncodedTask
  /** Told of a task that cannot be sent. */
  refuse: (index: number, error: TorqueError) => void
}

/** The list in as few requests as the server takes, each made when it is asked for, so that a long list is not encoded all at once. */
export function* batchesOf<Fields>(list: Iterable<Fields>, {encode, refuse}: BatchOptions<Fields>): Generator<Slot[]> {
  let batch: Slot[] = []
  let bytes = brackets
  for (const [index, fields] of numbered(list)) {
    const task = tryTo(encode, fields)
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

function tryTo<Fields>(encode: (fields: Fields) => EncodedTask, fields: Fields): EncodedTask | TorqueError {
  try {
    const task = encode(fields)
    if (Buffer.byteLength(task.text) + brackets <= maxBytes) return task
    return new TorqueError('too_large', `the task is over ${maxBytes} bytes`, {...(task.id && {id: task.id})})
  } catch (error) {
    if (error instanceof TorqueError) return error
    throw error
  }
}
