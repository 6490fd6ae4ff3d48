import {classOf, parseAddress} from './address-class.js'

/** Why a URL is refused; every message about one names its reason. */
export type UrlReason =
  | 'too_long'
  | 'bad_char'
  | 'not_absolute'
  | 'scheme'
  | 'malformed'
  | 'no_host'
  | 'userinfo'
  | 'bad_host'
  | 'non_canonical'
  | 'ip_embedding'
  | 'outside_base'

export interface UrlProblem {
  reason: UrlReason
  message: string
}

/** RFC 1035: what can be looked up. The underscore is no host name's, and yet in use. */
const name = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?$/
const maxNameLength = 254
const address = /^(?:\d+\.){3}\d+$/

/**
 * Holds a host as it was written against `actual`, the host that `new URL()` makes of it and that will be called. An address
 * must have been written the way it is called, or whoever reads the task sees another one; names may differ in case, and by IDNA.
 */
export function hostProblem(written: string, actual: string): UrlProblem | undefined {
  const lower = written.toLowerCase()
  if (actual.startsWith('[')) return ipv6Problem(lower, actual)
  const same = address.test(actual) ? written === actual : lower === actual || actual.includes('xn--')
  if (!same) return {reason: 'non_canonical', message: `write its host as ${actual}`}
  if (!name.test(actual) || actual.length > maxNameLength)
    return {reason: 'bad_host', message: 'its host is no name that can be looked up'}
  return undefined
}

function ipv6Problem(written: string, actual: string): UrlProblem | undefined {
  const parsed = parseAddress(actual.slice(1, -1))
  if (!parsed || classOf(parsed) === 'ip_embedding')
    return {reason: 'ip_embedding', message: 'its host is an IPv6 address with an IPv4 one inside'}
  return written === actual ? undefined : {reason: 'non_canonical', message: `write its host as ${actual}`}
}
