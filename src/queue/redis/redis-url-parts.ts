import type {RedisOptions} from 'ioredis'

import {TorqueError} from '../../errors.js'

/** Where a server listens. */
export interface ServerAddress {
  host: string
  port: number
}

/** What a Redis URL means. */
export interface RedisTarget {
  /** How to reach the server; with `sentinels`, who is to be asked where it is. */
  options: Omit<RedisOptions, 'replyMapping'>
  /** The nodes of a Redis Cluster that the URL names; absent where it means none. */
  nodes?: ServerAddress[]
}

/**
 * The URL, or what was meant to be one, without its user, its password, and what else may be secret. Only a socket's path may
 * have an `@` of its own.
 */
export function displayUrl(url: string): string {
  const query = url.indexOf('?')
  // Nobody can tell whose password that is a part of.
  if (query >= 0 && url.includes('@', query)) return `${/^[a-z+]+:\/\//i.exec(url)?.[0] ?? ''}…`
  const shown = query < 0 || /^\?db=\d*$/.test(url.slice(query)) ? url : url.slice(0, query)
  return /^unix:/i.test(shown) ? shown.replace(/^(unix:\/\/)[^/]*@/i, '$1') : shown.replace(/^([a-z+]+:\/\/)?.*@/is, '$1')
}

/** The error for a URL that is none. */
export function badUrl(url: string, why: string, hint?: string): TorqueError {
  return new TorqueError('invalid_option', `${why}: ${JSON.stringify(displayUrl(url))}`, {field: 'redis', ...(hint && {hint})})
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TorqueError('invalid_option', 'a % in the Redis URL does not begin an escape; write %25', {field: 'redis'})
  }
}

/** The number of a database, as options: none for the first one by default. */
export function database(text: string, url: string): Pick<RedisOptions, 'db'> {
  if (text === '') return {}
  if (!/^\d{1,4}$/.test(text)) throw badUrl(url, 'no such Redis database')
  return {db: Number(text)}
}

export function credentials(username: string, password: string): Pick<RedisOptions, 'username' | 'password'> {
  return {...(username && {username: decode(username)}), ...(password && {password: decode(password)})}
}
