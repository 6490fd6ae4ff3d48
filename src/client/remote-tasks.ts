import type {TorqueError} from '../errors.js'
import type {TaskFields} from '../task/fields.js'
import {newId} from '../task/id.js'
import {readValue} from '../task/json-text.js'
import type {TaskView} from '../task/view.js'
import type {EncodedTask} from './encode.js'
import {failureOf} from './failure.js'
import {post} from './post.js'
import {type AddedTask, readResults} from './result.js'
import type {Reply} from './send.js'
import {type Settings, type Server, currentServer} from './settings.js'

/** The tasks of a server elsewhere, for a caller whose fields are text already: JSON goes out exactly as it was written. */
export class RemoteTasks {
  readonly #server: Server

  constructor(settings: Settings) {
    this.#server = currentServer(settings)
  }

  /** Adds tasks in one request; a result for each, in order. */
  async add(tasks: readonly TaskFields[]): Promise<(AddedTask | TorqueError)[]> {
    const encoded = tasks.map(encodeFields)
    const {text} = await post(this.#server, '/tasks', `[${encoded.map((task) => task.text).join(',')}]`)
    return readResults(text, encoded)
  }

  /** How far a task has come; null when there is no such task (any more). */
  async progress(id: string, queue: string): Promise<TaskView | null> {
    const reply = await this.#get(`/tasks/${encodeURIComponent(id)}?queue=${encodeURIComponent(queue)}`)
    const failure = failureOf(reply, this.#server)
    if (failure?.error.code === 'no_such_task') return null
    if (failure) throw failure.error
    return JSON.parse((reply as Reply).text) as TaskView
  }

  async #get(route: string): Promise<Parameters<typeof failureOf>[0]> {
    const {url, token, timeoutMs} = this.#server
    try {
      const response = await fetch(new URL(url.href.replace(/\/*$/, '') + route), {
        headers: token ? {authorization: `Bearer ${token}`} : {},
        signal: AbortSignal.timeout(timeoutMs),
      })
      return {status: response.status, retryAfter: response.headers.get('retry-after') ?? undefined, text: await response.text()}
    } catch (error) {
      // fetch says "fetch failed" and keeps the reason to itself.
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error)
      return {cause, sent: false, timedOut: cause.name === 'TimeoutError'}
    }
  }
}

/** The JSON of one task. A name of our own makes it safe to send twice. */
function encodeFields(fields: TaskFields): EncodedTask {
  const id = fields.id?.trim() || undefined
  const ownId = id === undefined && !fields.idempotencyKey?.trim()
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
