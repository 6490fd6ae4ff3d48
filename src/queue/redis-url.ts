import {type RedisTarget, badUrl, credentials, database, decode} from './redis-url-parts.js'
import {parseServerList} from './server-list-url.js'

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
  return {host, port: Number(port || 6379), ...(protocol === 'rediss:' && {tls: {servername: host}})}
}

function unixPath({host, pathname}: URL): string {
  // unix://relative/path keeps its first part where a host would be.
  return decode((host === noHost ? '' : host) + pathname)
}
