import {TorqueError} from '../errors.js'
import {type Slot, batchesOf} from './batch.js'
import {type EncodedTask, encodeTask} from './encode.js'
import type {TaskFields} from './fields.js'
import {request} from './request.js'
import {type AddedTask, nameTask, readResults} from './result.js'
import {type Server, type Settings, currentServer} from './settings.js'

/** One task's result: added, or the error that kept it out. */
export type AddManyResult = AddedTask | TorqueError

/**
 * Adds many tasks, in as few requests as the server takes. Resolves to a result per task, in order: look at each, for a bad
 * task does not keep the others out. An error's `id` makes adding that task again safe. Throws only when the first request
 * failed and nothing at all was queued; when a later one fails, the tasks after it are not sent.
 */
export async function addMany(list: Iterable<TaskFields>, settings?: Settings): Promise<AddManyResult[]> {
  return addAll(currentServer(settings), list, (fields) => encodeTask(fields))
}

/** The same for fields of any kind that can be encoded. */
export async function addAll<Fields>(
  server: Server,
  list: Iterable<Fields>,
  encode: (fields: Fields) => EncodedTask,
): Promise<AddManyResult[]> {
  const results: AddManyResult[] = []
  let stop: TorqueError | undefined
  let first = true
  for (const batch of batchesOf(list, {encode, refuse: (index, error) => (results[index] = error)})) {
    const answers: AddManyResult[] | TorqueError = stop ?? (await addBatch(server, batch))
    if (answers instanceof TorqueError && first && queuedNothing(answers)) throw answers
    if (answers instanceof TorqueError) stop ??= notSent(answers)
    batch.forEach(({index, task}, at) => (results[index] = Array.isArray(answers) ? answers[at]! : nameTask(answers, task.id)))
    first = false
  }
  return results
}

/** A result per task, or the one error of the whole request. */
async function addBatch(server: Server, batch: Slot[]): Promise<AddManyResult[] | TorqueError> {
  const tasks = batch.map(({task}) => task)
  try {
    const {text} = await request(server, {route: '/tasks', body: `[${tasks.map((task) => task.text).join(',')}]`})
    return readResults(text, tasks)
  } catch (error) {
    if (error instanceof TorqueError) return error
    throw error
  }
}

// After these the server may have queued some of the batch.
const queuedNothing = ({code}: TorqueError) => !['outcome_unknown', 'internal', 'failed'].includes(code)

function notSent(stop: TorqueError): TorqueError {
  const code = stop.code === 'outcome_unknown' ? 'server_unreachable' : stop.code
  return new TorqueError(code, `not sent, because an earlier request failed: ${stop.message}`, {cause: stop})
}
