import {isIP, isIPv6} from 'node:net'

import {type RedisTarget, type ServerAddress, badUrl, credentials, database, decode} from './redis-url-parts.js'

export {type RedisTarget, type ServerAddress, displayUrl} from './redis-url-parts.js'

const forms =
  'redis://host:6379/0, rediss://…, unix:///path/to/redis.sock, redis+sentinel://h1:26379,h2:26379/NAME or redis+cluster://h1:6379,h2:6379'

/** Stands in for the host of a socket, since no URL may have a user and no host. */
const noHost = 'no-host'

/** Reads every form of a Redis URL. Throws `invalid_option`. */
export function parseRedisUrl(url: string): RedisTarget {
  return parseServerList(url) ?? {options: oneServer(url)}
}

/** Whether it is always the same server that a URL means: one that hangs is not replaced. */
export function isOneServer(url: string): boolean {
  const {options, nodes} = parseRedisUrl(url)
  return nodes === undefined && !options.sentinels
}

function oneServer(url: string): RedisTarget['options'] {
  const full = url.replace(/^(unix:\/\/[^/]*@)\//i, `$1${noHost}/`)
  const parsed = URL.canParse(full) ? new URL(full) : undefined
  if (!parsed || !['redis:', 'rediss:', 'unix:'].includes(parsed.protocol)) throw badUrl(url, 'not a Redis URL', forms)
  const {protocol, pathname, searchParams, username, password} = parsed
  return {
    ...credentials(username, password),
    ...(protocol === 'unix:' ? {path: unixPath(parsed)} : address(parsed)),
    ...database(searchParams.get('db') ?? (protocol === 'unix:' ? '' : pathname.slice(1)), url),
  }
}

function address({protocol, hostname, port}: URL): RedisTarget['options'] {
  const host = hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  // An address is no name for a server to choose its certificate by.
  const tls = isIP(host) === 0 ? {servername: host} : {}
  return {host, port: Number(port || 6379), ...(protocol === 'rediss:' && {tls})}
}

function unixPath({host, pathname}: URL): string {
  // unix://relative/path keeps its first part where a host would be.
  return decode((host === noHost ? '' : host) + pathname)
}

/** What names several servers: scheme, user and password, servers, path, query: what no URL of the standard may be, for its commas. */
const listForm = /^(rediss?)\+(sentinel|cluster):\/\/(?:([^/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i

const sentinelForm = 'redis+sentinel://[USER:PASSWORD@]h1:26379,h2:26379/NAME[/DATABASE][?sentinel-user=…&sentinel-password=…]'
const clusterForm = 'redis+cluster://[USER:PASSWORD@]h1:6379,h2:6379'

/**
 * Reads `redis+sentinel://` and `redis+cluster://`; with `rediss` every connection is encrypted. Undefined for what is neither.
 * Throws `invalid_option`.
 */
function parseServerList(url: string): RedisTarget | undefined {
  const kind = /^rediss?\+(sentinel|cluster):/i.exec(url)?.[1]?.toLowerCase()
  if (kind === undefined) return undefined
  const [, scheme = '', , userInfo = '', servers, path = '', query = ''] = listForm.exec(url) ?? []
  if (servers === undefined) throw badUrl(url, 'not a Redis URL', kind === 'sentinel' ? sentinelForm : clusterForm)
  const isSecure = scheme.toLowerCase() === 'rediss'
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(userInfo) ?? []
  const options = {...credentials(user, password), ...(isSecure && {tls: {}})}
  // Not as in a form: a + of a password is a +.
  const parameters = new URLSearchParams(query.replaceAll('+', '%2B'))
  if (kind === 'cluster') {
    checkNames(parameters, [], url)
    // A cluster has the one database only.
    if (path !== '' && path !== '0') throw badUrl(url, 'nothing may follow the nodes of a cluster', clusterForm)
    return {options, nodes: serverList(servers, 6379, url)}
  }
  return {options: {...options, ...sentinelOptions({servers, path, parameters, isSecure}, url)}}
}

interface SentinelParts {
  servers: string
  path: string
  parameters: URLSearchParams
  isSecure: boolean
}

function sentinelOptions({servers, path, parameters, isSecure}: SentinelParts, url: string): RedisTarget['options'] {
  checkNames(parameters, ['db', 'sentinel-user', 'sentinel-password'], url)
  const [name = '', number = '', ...more] = path.split('/').map(decode)
  if (name === '') throw badUrl(url, 'the name of the master is missing', sentinelForm)
  // The names a Sentinel takes.
  if (!/^[\w.-]+$/.test(name) || more.length > 0) throw badUrl(url, 'not the name of a master', sentinelForm)
  const [username, password] = [parameters.get('sentinel-user'), parameters.get('sentinel-password')]
  return {
    sentinels: serverList(servers, 26379, url),
    name,
    ...database(parameters.get('db') ?? number, url),
    ...(username && {sentinelUsername: username}),
    ...(password && {sentinelPassword: password}),
    ...(isSecure && {sentinelTLS: {}, enableTLSForSentinelMode: true}),
  }
}

/** A name that is not known may be a typing mistake, and what it was to say would be missing. */
function checkNames(parameters: URLSearchParams, known: readonly string[], url: string): void {
  const unknown = [...parameters.keys()].find((name) => !known.includes(name))
  if (unknown === undefined) return
  const which = known.length === 0 ? 'none is taken here' : `${known.join(', ')} are taken`
  throw badUrl(url, 'an unknown parameter stands in the Redis URL', which)
}

function serverList(text: string, defaultPort: number, url: string): ServerAddress[] {
  return text.split(',').map((server) => {
    const [, inBrackets, name, digits = String(defaultPort)] =
      /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(server) ?? []
    const [host, port] = [inBrackets ?? name, Number(digits)]
    if (host === undefined || (inBrackets && !isIPv6(inBrackets)) || port < 1 || port > 65_535)
      throw badUrl(url, 'not a list of HOST:PORT in the Redis URL')
    return {host, port}
  })
}
