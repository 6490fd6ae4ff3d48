import {readFileSync} from 'node:fs'

import {TorqueError} from '../../errors.js'
import {parseInstant} from '../../task/due.js'
import {parseDuration} from '../../task/duration.js'
import {quote} from '../../task/quote.js'
import {readSecrets} from '../../task/secrets.js'
import type {SignatureQuestion} from './explain-signature.js'
import {badFlag, readFlagFile} from '../input/flag-value.js'

/** The flags of `verify`. */
export interface VerifyFlags {
  secret?: string | undefined
  'secret-file'?: string | undefined
  header?: string[] | undefined
  body?: string | undefined
  'body-file'?: string | undefined
  tolerance: string
  at?: string | undefined
}

/** What the flags ask. Throws `usage` or `invalid_option`. */
export function readQuestion(flags: VerifyFlags, env: NodeJS.ProcessEnv): SignatureQuestion {
  return {
    secrets: secretsOf(flags, env),
    headers: headersOf(flags.header ?? []),
    body: bodyOf(flags),
    toleranceSec: parseDuration(flags.tolerance, {field: 'tolerance'}) / 1000,
    now: flags.at === undefined ? Date.now() : parseInstant(flags.at),
  }
}

function secretsOf({secret, 'secret-file': file}: VerifyFlags, env: NodeJS.ProcessEnv): string[] {
  const text = file === undefined ? (secret ?? env['TORQUE_SIGNING_SECRET']) : readFlagFile('secret-file', file)
  if (text === undefined) throw usage('give the secret: --secret, --secret-file or TORQUE_SIGNING_SECRET')
  readSecrets(text)
  return text.split(/\s+/).filter((word) => word !== '')
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const entries = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    if (colon < 1) throw usage(`--header ${quote(line)} is not 'NAME: VALUE'`)
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  return Object.fromEntries(entries)
}

/** No body at all is an empty one, as that of a GET is. */
function bodyOf({body = '', 'body-file': file}: VerifyFlags): Uint8Array {
  if (file === undefined) return Buffer.from(body)
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (cause) {
    throw badFlag('body-file', file, `cannot be read: ${(cause as Error).message}`)
  }
}

function usage(message: string): TorqueError {
  return new TorqueError('usage', message, {hint: 'See more help with --help.'})
}
