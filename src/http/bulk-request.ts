import {type ErrorCode, TorqueError} from '../errors.js'
import type {BulkVerb} from '../queue/bulk.js'
import type {Mend} from '../queue/queue.js'
import type {Wanted} from '../queue/selection.js'
import {type JsonValue, type Member, readObject} from '../task/json-text.js'
import {mendTask, parseChanges} from '../task/mend.js'
import type {NewTaskOptions} from '../task/new-task.js'
import {filterNames, parseFilter} from '../task/parse-filter.js'
import {quote} from '../task/quote.js'
import {readLimit} from './limit.js'
import {batchLimit} from './limits.js'

/** What a task must be to be let in. */
export type TaskRules = Pick<NewTaskOptions, 'baseTaskUrl' | 'egress' | 'scope'>

/** What a bulk verb is asked to do. */
export interface BulkRequest {
  wanted: Wanted
  dryRun: boolean
  mend: Mend | undefined
}

const names = ['ids', 'all', ...filterNames, 'queue', 'limit', 'dryRun']

/** Reads `{"ids": […]}`, or a filter, or `"all": true`; and `queue`, `limit`, `dryRun`, for retry `set`. */
export function readBulkRequest(verb: BulkVerb, text: string, rules: TaskRules): BulkRequest {
  const body = new Body(readObject(text), verb === 'retry' ? [...names, 'set'] : names)
  const filter = parseFilter(Object.fromEntries(filterNames.map((name) => [name, body.texts(name)])))
  const [ids, limit] = [body.strings('ids'), body.scalar('limit', 'invalid_limit')]
  checkSelection(verb, ids, body.flag('all') || Object.keys(filter).length > 0, limit)
  const queue = body.scalar('queue', 'invalid_queue')
  const most = limit === undefined ? undefined : readLimit(limit, Number.MAX_SAFE_INTEGER)
  return {
    wanted: ids ? {queue, ids} : {queue, filter, limit: most},
    dryRun: body.flag('dryRun'),
    mend: readMend(body.object('set'), rules),
  }
}

/** Nothing is meant by leaving everything out: that would be the one request nobody wants to make by mistake. */
function checkSelection(verb: BulkVerb, ids: string[] | undefined, byFilter: boolean, limit: string | undefined): void {
  if (!ids && !byFilter) throw invalid(`say which tasks to ${verb}: ids, a filter such as host, or "all": true`)
  if (ids && (byFilter || limit !== undefined)) throw invalid('name tasks by ids or by filter, not both', 'ids')
  if (ids && ids.length > batchLimit)
    throw new TorqueError('too_large', `ids names more than ${batchLimit} tasks`, {field: 'ids'})
}

function readMend(members: readonly Member[] | undefined, rules: TaskRules): Mend | undefined {
  if (!members) return undefined
  const set = new Body(members, ['url', 'headers', 'timeout'])
  const headers = set.object('headers')?.map(({key, value}): [string, string | null] => {
    if (value.kind === 'null') return [key, null]
    return [key, textOf(value) ?? wrongType('headers', 'an object of strings, or null to take one away', 'invalid_headers')]
  })
  const fields = {url: set.scalar('url', 'invalid_url'), headers, timeout: set.scalar('timeout', 'invalid_timeout')}
  const changes = parseChanges(fields, rules)
  return (task) => mendTask(task, changes)
}

/** The members of the request, each to be read as what it must be. Null is absent. */
class Body {
  readonly #values: Map<string, JsonValue>

  constructor(members: readonly Member[], names: readonly string[]) {
    const unknown = members.find(({key}) => !names.includes(key))
    if (unknown)
      throw new TorqueError('unknown_field', `there is no field ${quote(unknown.key)}: it takes ${names.join(', ')}`, {
        field: unknown.key,
      })
    this.#values = new Map(members.flatMap(({key, value}) => (value.kind === 'null' ? [] : [[key, value]])))
  }

  /** A string, or a list of them. */
  strings(name: string): string[] | undefined {
    const value = this.#values.get(name)
    if (!value) return undefined
    const items = value.kind === 'array' ? value.items : [value]
    return [
      ...new Set(
        items.map((item) => (item.kind === 'string' ? item.value.trim() : wrongType(name, 'a string or a list of strings'))),
      ),
    ]
  }

  /** The same, numbers as they were written. */
  texts(name: string): string[] | undefined {
    const value = this.#values.get(name)
    if (!value) return undefined
    const items = value.kind === 'array' ? value.items : [value]
    return items.map((item) => textOf(item) ?? wrongType(name, 'a string, a number or a list of them', 'invalid_filter'))
  }

  object(name: string): readonly Member[] | undefined {
    const value = this.#values.get(name)
    if (!value) return undefined
    return value.kind === 'object' ? value.members : wrongType(name, 'an object')
  }

  /** A string, or a number as it was written. */
  scalar(name: string, code: ErrorCode): string | undefined {
    const value = this.#values.get(name)
    return value && (textOf(value)?.trim() ?? wrongType(name, 'a string or a number', code))
  }

  flag(name: string): boolean {
    const kind = this.#values.get(name)?.kind ?? 'false'
    return kind === 'true' || kind === 'false' ? kind === 'true' : wrongType(name, 'true or false')
  }
}

function textOf(value: JsonValue): string | undefined {
  if (value.kind === 'string') return value.value
  return value.kind === 'number' ? value.text : undefined
}

function wrongType(name: string, wanted: string, code: ErrorCode = 'invalid_request'): never {
  throw new TorqueError(code, `${name} must be ${wanted}`, {field: name})
}

function invalid(message: string, field?: string): TorqueError {
  return new TorqueError('invalid_request', message, field ? {field} : {})
}
