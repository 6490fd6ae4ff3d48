import {parseRedisUrl} from '../queue/connect.js'
import type {OwnAddress} from '../task/address.js'

/** The address of torque's Redis, where no hook may go; none for one on a unix socket. */
export function ownAddresses(redisUrl: string): OwnAddress[] {
  const {host, port} = parseRedisUrl(redisUrl)
  return host === undefined || port === undefined ? [] : [{host, port}]
}
