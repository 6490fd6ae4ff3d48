import {type ErrorCode, TorqueError} from '../errors.js'
import type {BulkVerb} from '../queue/bulk.js'
import {parseDuration} from '../task/duration.js'
import {type JsonValue, type Member, readObject} from '../task/json-text.js'
import {quote} from '../task/quote.js'
import {parseStates} from '../task/state-names.js'
import {type TaskState, taskStates} from '../task/task.js'
import {readLimit} from './limit.js'
import {batchLimit} from './limits.js'

/** What a bulk verb is asked to do. */
export interface BulkRequest {
  /** Named tasks; undefined: all that match. */
  ids: string[] | undefined
  states: readonly TaskState[]
  olderThanMs: number | undefined
  limit: number | undefined
  queue: string | undefined
  dryRun: boolean
}

const names = ['ids', 'all', 'state', 'queue', 'olderThan', 'limit', 'dryRun']

/** Reads `{"ids": […]}`, or a filter: `state`, `olderThan`, or `"all": true`; and `queue`, `limit`, `dryRun`. */
export function readBulkRequest(verb: BulkVerb, text: string): BulkRequest {
  const body = new Body(readObject(text))
  const [ids, states] = [body.strings('ids'), parseStates(body.strings('state'))]
  const [olderThan, limit] = [body.scalar('olderThan', 'invalid_duration'), body.scalar('limit', 'invalid_limit')]
  const byFilter = body.flag('all') || states !== undefined || olderThan !== undefined
  checkSelection(verb, ids, byFilter, limit)
  return {
    ids,
    states: ids ? taskStates : statesOf(verb, states),
    olderThanMs: olderThan === undefined ? undefined : parseDuration(olderThan, {field: 'olderThan'}),
    limit: limit === undefined ? undefined : readLimit(limit, Number.MAX_SAFE_INTEGER),
    queue: body.scalar('queue', 'invalid_queue'),
    dryRun: body.flag('dryRun'),
  }
}

/** Nothing is meant by leaving everything out: that would be the one request nobody wants to make by mistake. */
function checkSelection(verb: BulkVerb, ids: string[] | undefined, byFilter: boolean, limit: string | undefined): void {
  if (!ids && !byFilter) throw invalid(`say which tasks to ${verb}: ids, state, olderThan or "all": true`)
  if (ids && (byFilter || limit !== undefined)) throw invalid('name tasks by ids or by filter, not both', 'ids')
  if (ids && ids.length > batchLimit)
    throw new TorqueError('too_large', `ids names more than ${batchLimit} tasks`, {field: 'ids'})
}

/** `all` is no way to delete what is being called just now; that takes the state's name. */
function statesOf(verb: BulkVerb, states: readonly TaskState[] = ['dead']): readonly TaskState[] {
  return verb === 'purge' && states === taskStates ? states.filter((state) => state !== 'active') : states
}

/** The members of the request, each to be read as what it must be. Null is absent. */
class Body {
  readonly #values: Map<string, JsonValue>

  constructor(members: readonly Member[]) {
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

  /** A string, or a number as it was written. */
  scalar(name: string, code: ErrorCode): string | undefined {
    const value = this.#values.get(name)
    if (!value || value.kind === 'number') return value?.text
    return value.kind === 'string' ? value.value.trim() : wrongType(name, 'a string or a number', code)
  }

  flag(name: string): boolean {
    const kind = this.#values.get(name)?.kind ?? 'false'
    return kind === 'true' || kind === 'false' ? kind === 'true' : wrongType(name, 'true or false')
  }
}

function wrongType(name: string, wanted: string, code: ErrorCode = 'invalid_request'): never {
  throw new TorqueError(code, `${name} must be ${wanted}`, {field: name})
}

function invalid(message: string, field?: string): TorqueError {
  return new TorqueError('invalid_request', message, field ? {field} : {})
}
