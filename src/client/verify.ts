import {timingSafeEqual} from 'node:crypto'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import {readSecrets} from '../task/secrets.js'
import {signatureOf} from '../task/signature.js'

/** The headers of a request: node's, a plain object, or anything with `get` (`Headers`). */
export type RequestHeaders =
  {get(name: string): string | null} | {readonly [name: string]: string | readonly string[] | undefined}

export interface VerifyOptions {
  /** How far the sender's clock may be from ours; 300 (5 minutes). */
  toleranceSec?: number
  /** Ms since the epoch; the present. */
  now?: number
}

/** A request that torque did sign. */
export interface Verified {
  /** The task's id: the same at every attempt, so a receiver can tell a repeat by it. */
  id: string
  /** When this attempt was signed. */
  sentAt: Date
}

/**
 * Checks the signature of a received hook (Standard Webhooks 1.0.0, `v1`). `rawBody` is the body's bytes exactly as they came,
 * before any parser. Several secrets, in a list or separated by spaces, are for the time of a rotation: any may match.
 * Throws TorqueError `invalid_signature`, saying why; `invalid_option` when the secret or a setting is not usable.
 */
export function verify(
  rawBody: string | Uint8Array,
  headers: RequestHeaders,
  secrets: string | readonly string[],
  {toleranceSec = 300, now = Date.now()}: VerifyOptions = {},
): Verified {
  const keys = readSecrets(secrets)
  const id = need(headers, 'webhook-id')
  const timestamp = need(headers, 'webhook-timestamp')
  const signatures = need(headers, 'webhook-signature')
  // A dot would let the same signed bytes be read with another id, timestamp and body.
  if (id.includes('.')) throw invalid(`webhook-id ${quote(id)} has a dot`)
  const sentAt = checkTimestamp(timestamp, toleranceSec, now)
  const signed = keys.map((key) => sign(key, id, timestamp, rawBody))
  checkSignatures(signatures, signed)
  return {id, sentAt}
}

function sign(key: Uint8Array, id: string, timestamp: string, rawBody: string | Uint8Array): string {
  if (typeof rawBody !== 'string' && !(rawBody instanceof Uint8Array)) {
    throw new TorqueError('invalid_option', 'verify wants the raw body, as a string or bytes, not one that was parsed', {
      field: 'rawBody',
    })
  }
  return signatureOf(key, {id, timestamp, body: rawBody})
}

/** Any `v1` entry may match any secret's; other versions are not ours to judge. */
function checkSignatures(header: string, signed: string[]): void {
  const given = header.split(' ').filter((entry) => entry.startsWith('v1,'))
  if (given.length === 0) throw invalid(`webhook-signature ${quote(header)} has no v1 entry`)
  if (signed.some((signature) => given.some((entry) => equal(entry, signature)))) return
  throw invalid('the signature does not match: another secret, or a body that is not as it was sent')
}

function equal(entry: string, signature: string): boolean {
  const [a, b] = [Buffer.from(entry), Buffer.from(signature)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function checkTimestamp(timestamp: string, toleranceSec: number, now: number): Date {
  if (!(toleranceSec >= 0)) {
    throw new TorqueError('invalid_option', `toleranceSec must be 0 or more, not ${String(toleranceSec)}`, {
      field: 'toleranceSec',
    })
  }
  if (!/^\d{1,12}$/.test(timestamp)) throw invalid(`webhook-timestamp ${quote(timestamp)} is not a number of seconds`)
  const ageSec = now / 1000 - Number(timestamp)
  if (!(Math.abs(ageSec) <= toleranceSec)) {
    const [length, side] = [Math.ceil(Math.abs(ageSec)), ageSec > 0 ? 'old' : 'in the future']
    throw invalid(
      `webhook-timestamp ${timestamp} is ${length} s ${side}, more than ${toleranceSec} s: a replay, or a clock that is wrong`,
    )
  }
  return new Date(Number(timestamp) * 1000)
}

function need(headers: RequestHeaders, name: string): string {
  const value = valueOf(headers, name)
  if (!value) throw invalid(`no ${name} header`)
  return value
}

function valueOf(headers: RequestHeaders, name: string): string | null {
  if (typeof headers['get'] === 'function') return headers.get(name)
  const found = Object.entries(headers as Record<string, string | readonly string[] | undefined>).find(
    ([key]) => key.toLowerCase() === name,
  )?.[1]
  return found === undefined ? null : [found].flat().join(' ')
}

const invalid = (why: string) => new TorqueError('invalid_signature', why)
