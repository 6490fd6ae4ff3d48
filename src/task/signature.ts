import {createHmac} from 'node:crypto'

/** What is signed: exactly the body that is sent, of this task at this attempt. */
export interface Signed {
  id: string
  /** Unix seconds. */
  timestamp: number | string
  body: string | Uint8Array
}

/** A signature of Standard Webhooks 1.0.0: HMAC-SHA256, as `v1,<base64>`. */
export function signatureOf(key: Uint8Array, {id, timestamp, body}: Signed): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
}

/** Those of several keys, as the `webhook-signature` header has them: in the order of the keys. */
export function signaturesOf(keys: readonly Uint8Array[], signed: Signed): string {
  return keys.map((key) => signatureOf(key, signed)).join(' ')
}
