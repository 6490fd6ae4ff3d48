import {createHash} from 'node:crypto'

import {parseDuration} from './duration.js'
import {type TaskFields, invalidField} from './fields.js'
import {quote} from './quote.js'

/** By what a task is known besides its id, and what its dedup entries do. */
export interface Dedup {
  /** `i:` + given id, `k:` + idempotency key, `u:` + hash of what it sends where, or `r:` + the key it replaces by. */
  dedupKeys: string[]
  /** The last of the keys is `u:`, and holds for so long from the first add on. */
  uniqueMs?: number
  /** The only key is `r:`: a waiting task with it becomes this one. */
  replaces?: true
}

const printable = /^[ -~]{1,255}$/
const maxMs = 366 * 86_400_000

/** 132 bits: no two contents meet by chance. */
const hashLength = 22

/** Reads `id`, `idempotencyKey`, `unique` and `replace`. `content` is what it sends where, asked for only where that is compared. */
export function parseDedup(given: TaskFields, content: () => unknown): Dedup {
  const dedupKeys: string[] = []
  if (given.id !== undefined) dedupKeys.push(`i:${given.id}`)
  if (given.idempotencyKey !== undefined) dedupKeys.push(`k:${given.idempotencyKey}`)
  if (given.replace !== undefined) return {dedupKeys: [replaceKey(given, given.replace)], replaces: true}
  if (given.unique === undefined) return {dedupKeys}
  const uniqueMs = parseDuration(given.unique, {code: 'invalid_unique', field: 'unique'})
  if (uniqueMs < 1 || uniqueMs > maxMs) invalidField('unique', `${quote(given.unique)} is not between 1ms and 366d`)
  const hash = createHash('sha256').update(JSON.stringify(content())).digest('base64url').slice(0, hashLength)
  return {dedupKeys: [...dedupKeys, `u:${hash}`], uniqueMs}
}

function replaceKey(given: TaskFields, key: string): string {
  if (!printable.test(key)) invalidField('replace', `${quote(key)} is not 1 to 255 printable ASCII characters`)
  // What is replaced keeps its id, and a request that is known by a name of its own must not change.
  const other = (['id', 'idempotencyKey', 'unique'] as const).find((name) => given[name] !== undefined)
  return other ? invalidField('replace', `and ${other} exclude each other`) : `r:${key}`
}
