import {isUtf8} from 'node:buffer'
import type {IncomingHttpHeaders} from 'node:http'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'

export type BodyKind = 'form' | 'json' | 'ndjson'

const kinds: Record<string, BodyKind> = {
  'application/x-www-form-urlencoded': 'form',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
}

const types: Record<BodyKind, string> = {
  form: 'application/x-www-form-urlencoded',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
}

/** What the body is by its headers. Without a type it is the first of those `accepted`. Throws `unsupported_media_type`. */
export function bodyKind(headers: IncomingHttpHeaders, accepted: readonly [BodyKind, ...BodyKind[]]): BodyKind {
  const type = headers['content-type']
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new TorqueError(
      'unsupported_media_type',
      `content-encoding ${quote(encoding)} is not understood: send the body as it is`,
    )
  }
  const kind = type === undefined ? accepted[0] : kindOf(type)
  if (kind && accepted.includes(kind)) return kind
  const wanted = accepted.map((one) => types[one]).join(' or ')
  throw new TorqueError('unsupported_media_type', `content-type ${quote(type ?? '')} is not understood here: send ${wanted}`)
}

function kindOf(type: string): BodyKind | undefined {
  const exact = kinds[type]
  if (exact) return exact
  const [name = '', ...parameters] = type.toLowerCase().split(';')
  const charset = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(one)?.[1]).find((one) => one !== undefined)
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw new TorqueError('unsupported_media_type', `charset ${quote(charset)} is not understood: send UTF-8`)
  }
  return kinds[name.trim()]
}

/** The text of a body, which must be UTF-8. A request without a body has none to parse: ''. */
export function bodyText(body: unknown): string {
  if (!Buffer.isBuffer(body)) return ''
  if (!isUtf8(body)) throw new TorqueError('invalid_request', 'the body is not valid UTF-8')
  return body.toString('utf8')
}
