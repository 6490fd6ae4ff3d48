import {createHmac} from 'node:crypto'

import {quote} from '../../task/quote.js'
import {readSecrets} from '../../task/secrets.js'
import {signatureOf} from '../../task/signature.js'

export interface SignatureQuestion {
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  /** As `readSecrets` takes them. */
  secrets: readonly string[]
  toleranceSec: number
  /** Ms since the epoch. */
  now: number
}

export interface SignatureAnswer {
  valid: boolean
  id: string | null
  /** Unix seconds. */
  timestamp: number | null
  /** Which of the secrets it is signed with, counted from 1. */
  secret: number | null
  /** What is wrong, the first thing first, and what would be right instead where that could be found out. */
  problems: string[]
}

/** Judges a signature as a receiver does (Standard Webhooks, `v1`), and looks for what is wrong where it is not good. */
export function explainSignature({headers, body, secrets, toleranceSec, now}: SignatureQuestion): SignatureAnswer {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name])
  const keys = readSecrets(secrets)
  const given = entriesOf(signature ?? '')
  const match = keys.findIndex((key) => given.includes(signatureOf(key, {id: id ?? '', timestamp: timestamp ?? '', body})))
  const problems = [
    ...missing({id, timestamp, signature}),
    ...idProblems(id),
    ...timestampProblems(timestamp, {toleranceSec, now}),
    ...(id && timestamp && signature && match < 0 ? mismatchProblems({id, timestamp, body, given, secrets, keys}) : []),
  ]
  return {
    valid: problems.length === 0,
    id: id ?? null,
    timestamp: timestamp !== undefined && /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : null,
    secret: match < 0 ? null : match + 1,
    problems,
  }
}

function entriesOf(signature: string): string[] {
  return signature.split(' ').filter((entry) => entry.startsWith('v1,'))
}

function missing(given: Record<'id' | 'timestamp' | 'signature', string | undefined>): string[] {
  return Object.entries(given).flatMap(([name, value]) => (value ? [] : [`there is no webhook-${name} header`]))
}

function idProblems(id: string | undefined): string[] {
  return id?.includes('.') ? [`webhook-id ${quote(id)} has a dot: the signed text could be read in two ways`] : []
}

function timestampProblems(text: string | undefined, {toleranceSec, now}: {toleranceSec: number; now: number}): string[] {
  if (!text) return []
  if (!/^\d{1,16}$/.test(text)) return [`webhook-timestamp ${quote(text)} is not a number of seconds since 1970`]
  if (text.length > 12) return [`webhook-timestamp ${text} counts milliseconds: it must be seconds`]
  const ageSec = Math.round(now / 1000 - Number(text))
  if (Math.abs(ageSec) <= toleranceSec) return []
  const side = ageSec > 0 ? 'old' : 'in the future'
  return [`webhook-timestamp is ${Math.abs(ageSec)} s ${side}, more than ${toleranceSec} s: a replay, or a clock that is wrong`]
}

interface Mismatch {
  id: string
  timestamp: string
  body: Uint8Array
  given: readonly string[]
  secrets: readonly string[]
  keys: readonly Uint8Array[]
}

function mismatchProblems({id, timestamp, body, given, secrets, keys}: Mismatch): string[] {
  if (given.length === 0) return ['webhook-signature has no entry that begins with "v1,"']
  const found = (key: Uint8Array, bytes: Uint8Array) => given.includes(signatureOf(key, {id, timestamp, body: bytes}))
  const otherBody = otherBodies(body).find(({bytes}) => keys.some((key) => found(key, bytes)))
  if (otherBody) return [`the signature is that of another body: ${otherBody.what}`]
  const otherKey = otherKeys(secrets).find(({key}) => found(key, body))
  if (otherKey) return [`the signature was made with another key: ${otherKey.what}`]
  const otherForm = otherForms({id, timestamp, body, given, keys})
  if (otherForm) return [`the signature is right, but ${otherForm}`]
  return ['the signature does not match: another secret, or another body, id or timestamp than were signed']
}

/** What commonly becomes of a body on its way to who checks it. */
function otherBodies(body: Uint8Array): {what: string; bytes: Uint8Array}[] {
  const text = Buffer.from(body).toString()
  const others: [string, string | undefined][] = [
    ['this one has a line end too many at its end, as editors and shells add it', text.replace(/\r?\n$/, '')],
    ['this one lacks a line end at its end', `${text}\n`],
    ['this one has lost the CR of its line ends', text.replaceAll(/\r?\n/g, '\r\n')],
    ['this one has CR LF for line ends', text.replaceAll('\r\n', '\n')],
    ['this one is JSON that was parsed and written again', rewritten(text)],
    ['it was signed without a body', ''],
  ]
  return others.flatMap(([what, other]) => (other === undefined || other === text ? [] : [{what, bytes: Buffer.from(other)}]))
}

/** The JSON of the body without blanks, as most libraries write it. */
function rewritten(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** What senders and receivers take for the key by mistake. */
function otherKeys(secrets: readonly string[]): {what: string; key: Uint8Array}[] {
  return secrets.flatMap((secret) => {
    const bare = secret.replace(/^whsec_/, '')
    return [
      {what: 'the text of the secret, where the bytes that its base64 stands for are the key', key: Buffer.from(bare)},
      {
        what: 'the text of the secret with its prefix, where the bytes that its base64 stands for are the key',
        key: Buffer.from(secret),
      },
    ]
  })
}

function otherForms({id, timestamp, body, given, keys}: Omit<Mismatch, 'secrets'>): string | undefined {
  const values = given.map((entry) => entry.slice(3))
  for (const key of keys) {
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
    if (values.some((value) => value.toLowerCase() === digest.toString('hex'))) return 'written in hex, where base64 is wanted'
    const url = digest.toString('base64url')
    if (values.some((value) => value.replace(/=+$/, '') === url)) return 'written in base64url, where plain base64 is wanted'
    const bodyOnly = createHmac('sha256', key).update(body).digest('base64')
    if (values.includes(bodyOnly)) return 'of the body alone, where "id.timestamp.body" is to be signed'
  }
  return undefined
}
