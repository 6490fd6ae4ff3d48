import type {OwnPolicy} from './policy.js'

/** What a task says of its policy, under short names: they are stored with every task that has them. */
export interface StoredPolicy {
  /** timeoutMs */ t?: number | undefined
  /** maxErrors */ e?: number | undefined
  /** minBackoffMs */ b?: number | undefined
  /** maxBackoffMs */ x?: number | undefined
  /** factor */ g?: number | undefined
  /** waitsMs */ w?: readonly number[] | undefined
  /** maxAgeMs */ a?: number | undefined
  /** noRetry */ n?: string | undefined
  /** success */ s?: string | undefined
  /** onDelivered */ d?: string | undefined
  /** onDead */ o?: string | undefined
}

export const storedPolicyNames = ['t', 'e', 'b', 'x', 'g', 'w', 'a', 'n', 's', 'd', 'o'] as const satisfies (keyof StoredPolicy)[]

/** For JSON, which leaves out what is undefined. */
export function encodePolicy(own: OwnPolicy): StoredPolicy {
  const {timeoutMs, maxErrors, minBackoffMs, maxBackoffMs, factor, waitsMs, maxAgeMs, noRetry, success} = own
  return {
    t: timeoutMs,
    e: maxErrors,
    b: minBackoffMs,
    x: maxBackoffMs,
    g: factor,
    w: waitsMs,
    a: maxAgeMs,
    n: noRetry,
    s: success,
    d: own.onDelivered,
    o: own.onDead,
  }
}

/** Puts it where it belongs. Throws for what no policy can be: it is gone by without another look. */
export function decodePolicy(own: OwnPolicy, {t, e, b, x, g, w, a, n, s, d, o}: StoredPolicy): void {
  if (![t, e, b, x, g, a].every(isNumber) || ![n, s, d, o].every(isText) || !isWaits(w)) throw new Error('no policy can be so')
  if (t !== undefined) own.timeoutMs = t
  if (e !== undefined) own.maxErrors = e
  if (b !== undefined) own.minBackoffMs = b
  if (x !== undefined) own.maxBackoffMs = x
  if (g !== undefined) own.factor = g
  if (w !== undefined) own.waitsMs = w
  if (a !== undefined) own.maxAgeMs = a
  if (n !== undefined) own.noRetry = n
  if (s !== undefined) own.success = s
  if (d !== undefined) own.onDelivered = d
  if (o !== undefined) own.onDead = o
}

function isNumber(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0)
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function isWaits(value: unknown): boolean {
  return (
    value === undefined ||
    (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number' && each >= 0))
  )
}
