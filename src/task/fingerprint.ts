import {createHash} from 'node:crypto'

import type {OwnPolicy} from './policy.js'
import type {NewTask} from './task.js'

/** 132 bits of SHA-256: no two requests meet by chance, and few bytes in Redis. */
const length = 22

type Asked = Pick<NewTask, 'url' | 'method' | 'headers' | 'due'> & {
  /** The payload by what it sends. */
  payload: readonly string[]
  /** The flow key as given, not the one that follows from the url. */
  flowKey: string | undefined
  policy: OwnPolicy
}

/** Equal for requests that ask for the same thing, through whichever door and however spaced; what is compared under one key. */
export function fingerprint({url, method, payload, headers, due, flowKey, policy}: Asked): string {
  const asked = JSON.stringify([url, method, payload, sortedHeaders(headers), due, flowKey, policy])
  return createHash('sha256').update(asked).digest('base64url').slice(0, length)
}

export function sortedHeaders(headers: Record<string, string>): [name: string, value: string][] {
  return Object.entries(headers).toSorted(([a], [b]) => (a < b ? -1 : 1))
}
