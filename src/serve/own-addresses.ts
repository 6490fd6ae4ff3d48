import {parseRedisUrl} from '../queue/redis/redis-url.js'
import type {OwnAddress} from '../task/address.js'

/** Where torque's Redis listens, as far as its URL tells: servers, nodes or Sentinels. No hook may go there. */
export function ownAddresses(redisUrl: string): OwnAddress[] {
  const {options, nodes = []} = parseRedisUrl(redisUrl)
  const {host, port, sentinels = []} = options
  const named = [{host, port}, ...(sentinels ?? []), ...nodes]
  return named.flatMap(({host, port}) => (host === undefined || port === undefined ? [] : [{host, port}]))
}
