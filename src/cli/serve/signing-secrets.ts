import type {ServeOptions} from '../../serve/serve.js'
import {parseQueueName} from '../../task/queue-name.js'
import {quote} from '../../task/quote.js'
import {readSecrets} from '../../task/secrets.js'
import {TorqueError} from '../../errors.js'
import {badFlag, readFlagFile} from '../input/flag-value.js'

type SigningSecrets = ServeOptions['signing']

export interface SigningFlags {
  'signing-secret-file'?: string | undefined
}

/**
 * What calls are signed with: the secrets of the file, and those of `TORQUE_SIGNING_SECRET` where the file has none for all queues.
 * What is wrong with one is said without saying the secret. Throws `invalid_option`.
 */
export function readSigningSecrets(flags: SigningFlags, env: NodeJS.ProcessEnv): SigningSecrets {
  const {server, queues} = readFile(flags['signing-secret-file'])
  return {
    server: server.length > 0 ? server : checked(words(env['TORQUE_SIGNING_SECRET'] ?? ''), 'TORQUE_SIGNING_SECRET'),
    queues,
  }
}

/** A line is secrets, current first, for all queues; or the name of a queue, and the secrets it has instead. `#` begins a comment. */
function readFile(path: string | undefined): SigningSecrets {
  const flag = 'signing-secret-file'
  const server: string[] = []
  const queues: Record<string, string[]> = {}
  if (path === undefined) return {server, queues}
  for (const [index, line] of readFlagFile(flag, path).split('\n').entries()) {
    const where = `--${flag} ${quote(path)}, line ${index + 1}`
    const [first, ...rest] = words(line)
    if (first === undefined || first.startsWith('#')) continue
    if (first.startsWith('whsec_')) server.push(...checked([first, ...rest], where))
    else (queues[queueName(first, where)] ??= []).push(...checked(rest, where))
  }
  if (server.length === 0 && Object.keys(queues).length === 0) throw badFlag(flag, path, 'has no secret in it')
  return {server, queues}
}

/** Not quoted where it is none: it may be a secret without its prefix. */
function queueName(text: string, where: string): string {
  try {
    return parseQueueName(text)
  } catch (cause) {
    throw new TorqueError('invalid_option', `${where} begins neither with whsec_ nor with the name of a queue`, {cause})
  }
}

function checked(secrets: string[], where: string): string[] {
  if (where === 'TORQUE_SIGNING_SECRET' && secrets.length === 0) return secrets
  try {
    readSecrets(secrets)
    return secrets
  } catch (error) {
    throw new TorqueError('invalid_option', `${where}: ${(error as Error).message}`)
  }
}

function words(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((word) => word !== '')
}
