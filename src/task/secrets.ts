import {TorqueError} from '../errors.js'

/** The keys of one or more secrets, in a list or separated by spaces. Throws `invalid_option` unless every one is usable. */
export function readSecrets(secrets: string | readonly string[]): Uint8Array[] {
  const list = [secrets ?? []]
    .flat()
    .flatMap((text) => String(text).split(/\s+/))
    .filter((text) => text !== '')
  if (list.length === 0) throw invalidSecret('no secret given')
  return list.map(readSecret)
}

/** Never quotes it. The prefix may be missing, as in other Standard Webhooks libraries. */
function readSecret(text: string): Uint8Array {
  const base64 = text.replace(/^whsec_/, '')
  const key = Buffer.from(base64, 'base64')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw invalidSecret('the secret is not base64')
  if (key.length < 24 || key.length > 64) throw invalidSecret(`the secret has ${key.length} bytes`)
  return key
}

function invalidSecret(why: string): TorqueError {
  return new TorqueError('invalid_option', `${why}: it must be whsec_ and the base64 of 24 to 64 bytes`, {field: 'secret'})
}
