import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'

/** How the client reaches its server. What is left out (or `undefined`) comes from the environment or the defaults. */
export interface Settings {
  /**
   * Where `torque serve` listens; `TORQUE_URL`, then `http://localhost:8090`. A path in it is kept, for servers behind a proxy.
   * `unix:/run/torque.sock` is a socket in the file system.
   */
  url?: string | URL | undefined
  /** Sent as `Authorization: Bearer`; `TORQUE_AUTH_TOKEN`, then `TORQUE_ADD_TOKEN`, then none. */
  token?: string | undefined
  /** The longest one try waits for its answer, connecting included; 10,000. A try that ran out of time is not repeated. */
  timeoutMs?: number | undefined
  /** How often a request is sent again when the connection fails or the server says 503 with `Retry-After`; 3. */
  retries?: number | undefined
}

/** The settings of one call, each decided and checked. */
export interface Server {
  url: URL
  token: string | undefined
  timeoutMs: number
  retries: number
  /** Where another url would be given, for whoever reads that nobody answers at this one. */
  urlFrom: string
}

const defaults = {url: 'http://localhost:8090', timeoutMs: 10_000, retries: 3}

let configured: Settings = {}

/** Every setting there is, so that a misspelt one does not pass in silence. */
const names: readonly string[] = ['url', 'token', 'timeoutMs', 'retries'] satisfies (keyof Settings)[]

/** Sets how every later call reaches the server. Settings left out keep their value; `undefined` takes one back to its default. */
export function configure(settings: Settings): void {
  checkNames(settings)
  const next = {...configured, ...settings}
  readSettings(next)
  configured = next
}

/** What holds for one call: its own settings, then `configure`, then the environment as it is now, then the defaults. */
export function currentServer(own: Settings = {}): Server {
  checkNames(own)
  const given = Object.entries(own).filter(([, value]) => value !== undefined)
  return readSettings({...configured, ...Object.fromEntries(given)})
}

function checkNames(settings: Settings): void {
  const unknown = Object.keys(settings).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const message = `there is no setting ${quote(unknown)}: there are ${names.join(', ')}`
  throw new TorqueError('invalid_option', message, {field: unknown})
}

function readSettings({url, token, timeoutMs, retries}: Settings): Server {
  const env = process.env
  return {
    urlFrom: 'TORQUE_URL or configure({url})',
    url: url === undefined ? readUrl(env['TORQUE_URL']?.trim() || defaults.url, 'TORQUE_URL') : readUrl(String(url)),
    token: token === undefined ? tokenOf(env) : readToken(token),
    // 2^31 - 1 ms is the longest timer Node has; beyond it fires at once.
    timeoutMs: readInteger('timeoutMs', timeoutMs ?? defaults.timeoutMs, 1, 2 ** 31 - 1),
    retries: readInteger('retries', retries ?? defaults.retries, 0, 100),
  }
}

/** A variable with a bad value is named: nobody gave an option here. */
function tokenOf(env: NodeJS.ProcessEnv): string | undefined {
  const name = env['TORQUE_AUTH_TOKEN']?.trim() ? 'TORQUE_AUTH_TOKEN' : 'TORQUE_ADD_TOKEN'
  return readToken(env[name], name)
}

function readUrl(text: string, name = "the server's url"): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !(socketOf(url) || ['http:', 'https:'].includes(url.protocol))) {
    const message = `${name} must be http://, https:// or unix: and a path, not ${quote(text)}`
    throw new TorqueError('invalid_option', message, {field: 'url'})
  }
  if (url.username || url.password) {
    throw new TorqueError('invalid_option', `${name} must not hold a name or password: give a token instead`, {
      field: 'url',
    })
  }
  return url
}

/** The path of the socket that `unix:/run/torque.sock` names. */
export function socketOf({protocol, host, pathname}: URL): string | undefined {
  if (protocol !== 'unix:' || host !== '' || !pathname.startsWith('/')) return undefined
  try {
    return decodeURIComponent(pathname)
  } catch {
    return undefined
  }
}

function readToken(token: string | undefined, name = 'the token'): string | undefined {
  const trimmed = token?.trim()
  // Never quoted: it is a secret.
  if (trimmed && !/^[\x21-\x7e]+$/.test(trimmed)) {
    throw new TorqueError('invalid_option', `${name} must be printable ASCII without spaces`, {field: 'token'})
  }
  return trimmed || undefined
}

function readInteger(field: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new TorqueError('invalid_option', `${field} must be a whole number from ${least} to ${most}, not ${String(value)}`, {
    field,
  })
}
