import {X509Certificate, createPrivateKey} from 'node:crypto'

import {TorqueError} from '../../errors.js'
import type {ServeOptions} from '../../serve/serve.js'
import {parseQueueName} from '../../task/queue-name.js'
import {quote} from '../../task/quote.js'
import {badFlag, readFlagFile} from '../input/flag-value.js'
import type {SigningFlags} from './signing-secrets.js'

/** The flags that name files of secrets. */
export interface SecretFlags extends SigningFlags {
  'auth-token-file'?: string | undefined
  'add-token-file'?: string | undefined
  'tls-cert'?: string | undefined
  'tls-key'?: string | undefined
}

type Tokens = ServeOptions['tokens']
type AddToken = Tokens['add'][number]
type Certificate = NonNullable<NonNullable<ServeOptions['http']>['certificate']>

/** Longer ones would not fit into a header everywhere. */
const longestToken = 4096

/** True where there is something that can be read again. */
export function hasSecretFiles(flags: SecretFlags): boolean {
  const names = ['auth-token-file', 'add-token-file', 'tls-cert', 'signing-secret-file'] as const
  return names.some((name) => flags[name] !== undefined)
}

/** The tokens of files and environment. What is wrong with one is said without saying the token. Throws `invalid_option`. */
export function readTokens(flags: SecretFlags, env: NodeJS.ProcessEnv): Tokens {
  const tokens: Tokens = {
    admin: [...adminTokens(flags['auth-token-file']), ...words('TORQUE_AUTH_TOKEN', env)],
    add: [...addTokens(flags['add-token-file']), ...words('TORQUE_ADD_TOKEN', env).map((token) => ({token}))],
  }
  checkRights(tokens)
  return tokens
}

/** The certificate to show and its key, which belong together. Throws `invalid_option`. */
export function readCertificate({'tls-cert': certFile, 'tls-key': keyFile}: SecretFlags): Certificate | undefined {
  if (certFile === undefined || keyFile === undefined) {
    if (certFile === keyFile) return undefined
    throw new TorqueError('usage', '--tls-cert and --tls-key go together')
  }
  const [cert, key] = [readFlagFile('tls-cert', certFile), readFlagFile('tls-key', keyFile)]
  const shown = attempt(() => new X509Certificate(cert)) ?? fail('tls-cert', certFile, 'has no certificate (PEM) in it')
  const secret =
    attempt(() => createPrivateKey(key)) ?? fail('tls-key', keyFile, 'has no private key (PEM, without a pass phrase) in it')
  if (!shown.checkPrivateKey(secret)) fail('tls-key', keyFile, 'is not the key of the first certificate of --tls-cert')
  return {cert, key}
}

function adminTokens(file: string | undefined): string[] {
  return entries('auth-token-file', file).map(({words: [token = '', ...rest], where}) => {
    if (rest.length > 0) throw bad(`${where}: a line holds one token`)
    return checked(token, where)
  })
}

/** A line is a token that may add to any queue, or a token and the queues that it may add to. */
function addTokens(file: string | undefined): AddToken[] {
  return entries('add-token-file', file).map(({words: [token = '', ...queues], where}) => {
    const checkedToken = checked(token, where)
    if (queues.length === 0) return {token: checkedToken}
    const names = attempt(() => queues.map(parseQueueName))
    if (!names) throw bad(`${where}: what follows the token must be names of queues`)
    return {token: checkedToken, queues: names}
  })
}

interface Entry {
  words: string[]
  /** For messages: the flag, the file and the line. */
  where: string
}

/** The lines of a file that are neither blank nor comments. One that was meant to guard and holds nothing would leave the door open. */
function entries(flag: string, file: string | undefined): Entry[] {
  if (file === undefined) return []
  const lines = readFlagFile(flag, file).split('\n')
  const found = lines.flatMap((line, index) => {
    const split = wordsOf(line)
    const where = `--${flag} ${quote(file)}, line ${index + 1}`
    return split.length === 0 || split[0]!.startsWith('#') ? [] : [{words: split, where}]
  })
  return found.length > 0 ? found : fail(flag, file, 'has no token in it')
}

function words(name: string, env: NodeJS.ProcessEnv): string[] {
  return wordsOf(env[name] ?? '').map((token) => checked(token, name))
}

/** What stands between blanks; a byte order mark and the like are no blanks, and no part of a token either. */
function wordsOf(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((word) => word !== '')
}

function checked(token: string, where: string): string {
  if (!/^[\x21-\x7e]+$/.test(token)) throw bad(`${where}: a token is printable ASCII without blanks`)
  if (token.length > longestToken) throw bad(`${where}: a token has at most ${longestToken} characters`)
  return token
}

/** One that stands twice, with different rights, is a slip, and which of the two was meant is not for us to guess. */
function checkRights({admin, add}: Tokens): void {
  const rights = new Map<string, string>()
  const note = (token: string, right: string) => {
    if ((rights.get(token) ?? right) !== right) throw bad('a token is given twice, with different rights')
    rights.set(token, right)
  }
  for (const token of admin) note(token, 'all')
  for (const {token, queues} of add) note(token, queues ? `add ${queues.toSorted().join(' ')}` : 'add')
}

function fail(flag: string, path: string, reason: string): never {
  throw badFlag(flag, path, reason)
}

function bad(message: string): TorqueError {
  return new TorqueError('invalid_option', message)
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
