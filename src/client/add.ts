import {TorqueError} from '../errors.js'
import {type EncodedTask, encodeTask} from './encode.js'
import type {TaskFields} from './fields.js'
import {request} from './request.js'
import {type AddedTask, nameTask, readResult} from './result.js'
import {type Settings, currentServer} from './settings.js'

/**
 * Adds one task and resolves once it is kept. Throws TorqueError: the server's own code where it gave one, `server_unreachable`
 * when nobody answered (nothing was queued), `outcome_unknown` when it may have been queued: adding again with the error's `id` is safe.
 */
export async function add(fields: TaskFields, settings?: Settings): Promise<AddedTask> {
  return addEncoded(encodeTask(fields), settings)
}

/** Adds a task whose name is made already. */
export async function addEncoded(task: EncodedTask, settings?: Settings): Promise<AddedTask> {
  const server = currentServer(settings)
  try {
    const {text} = await request(server, {route: '/tasks', body: task.text})
    return readResult(text, task)
  } catch (error) {
    throw error instanceof TorqueError ? nameTask(error, task.id ?? error.id) : error
  }
}
