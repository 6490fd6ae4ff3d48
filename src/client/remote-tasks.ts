import {TorqueError} from '../errors.js'
import type {TaskFields} from '../task/fields.js'
import {newId} from '../task/id.js'
import {readValue} from '../task/json-text.js'
import type {TaskView} from '../task/view.js'
import {type AddManyResult, addAll} from './add-many.js'
import type {EncodedTask} from './encode.js'
import {request} from './request.js'
import {parseAnswer} from './result.js'
import {type Server, type Settings, currentServer} from './settings.js'

export interface RemoteOptions extends Settings {
  /** Where the caller takes the url from: `--server`. */
  urlFrom: string
}

/** The tasks of a server elsewhere, for a caller whose fields are text already: JSON goes out exactly as it was written. */
export class RemoteTasks {
  readonly #server: Server

  constructor({urlFrom, ...settings}: RemoteOptions) {
    this.#server = {...currentServer(settings), urlFrom}
  }

  /** Adds tasks as `addMany` does: a result for each, in order. */
  add(tasks: readonly TaskFields[]): Promise<AddManyResult[]> {
    return addAll(this.#server, tasks, encodeFields)
  }

  /** How far a task has come; null when there is no such task (any more). */
  async progress(id: string, queue: string): Promise<TaskView | null> {
    try {
      const {text} = await request(this.#server, {route: `/tasks/${encodeURIComponent(id)}?queue=${encodeURIComponent(queue)}`})
      return parseAnswer(text) as TaskView
    } catch (error) {
      if (error instanceof TorqueError && error.code === 'no_such_task') return null
      throw error
    }
  }
}

/** The JSON of one task. A name of our own makes it safe to send twice. */
function encodeFields(fields: TaskFields): EncodedTask {
  const id = fields.id?.trim() || undefined
  const ownId = id === undefined && !fields.idempotencyKey?.trim() && !fields.replace?.trim()
  const named: TaskFields = ownId ? {...fields, id: newId()} : fields
  const members = Object.entries(named).flatMap(([name, text]) =>
    text ? [`${JSON.stringify(name)}:${memberText(name, text)}`] : [],
  )
  return {text: `{${members.join(',')}}`, id: named.id?.trim(), ownId}
}

/** `json` is any value, as its text; all the others, JSON text among them, go as strings. */
function memberText(name: string, text: string): string {
  return name === 'json' ? readValue(text, {field: 'json'}).text : JSON.stringify(text)
}
