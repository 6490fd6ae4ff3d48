import {TorqueError} from '../errors.js'
import {type Address, type Network, inNetwork, parseAddress} from './address-class.js'
import {hostProblem} from './host.js'
import {quote} from './quote.js'

/**
 * Whether a rule names this address, or the host it was found for, on this port. The host is as in a URL, without brackets. Where
 * the address is a proxy's to find there is none.
 */
export type EgressRule = (address: Address | undefined, port: number, host: string) => boolean

export type EgressOption = 'egress-allow' | 'egress-deny'

/** Reads `10.0.0.0/8`, `fd00::/8`, `10.1.2.3`, `hooks.example.com` or `*.svc.internal`, each with `:port` or without. Throws `invalid_option`. */
export function parseEgressRule(text: string, option: EgressOption): EgressRule {
  const {target, port} = splitPort(text)
  const names = parseNetwork(target) ?? parseHost(target)
  if (!names || (port !== undefined && (port < 1 || port > 65_535))) {
    const message = `--${option} ${quote(text)} is not an address, a network such as 10.0.0.0/8, a host or *.domain, with :port or without`
    throw new TorqueError('invalid_option', message, {field: option})
  }
  return port === undefined ? names : (address, dialled, host) => dialled === port && names(address, dialled, host)
}

/** IPv6 is full of colons: its port follows a bracket or the length of a prefix. */
function splitPort(text: string): {target: string; port?: number} {
  const [, inner, bits = '', bracketPort] = /^\[([^\]]*:[^\]]*)\](\/\d+)?(?::(\d+))?$/.exec(text) ?? []
  if (inner !== undefined) return withPort(inner + bits, bracketPort)
  const [, target = text, port] = /^([^:]*|.*\/\d+):(\d+)$/.exec(text) ?? []
  return withPort(target, port)
}

const withPort = (target: string, digits: string | undefined) =>
  digits === undefined ? {target} : {target, port: Number(digits)}

function parseNetwork(text: string): EgressRule | undefined {
  const [, base = '', digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = parseAddress(base)
  if (!address) return undefined
  const length = address.kind() === 'ipv4' ? 32 : 128
  const network: Network = [address, digits === undefined ? length : Number(digits)]
  return network[1] <= length ? (candidate) => candidate !== undefined && inNetwork(candidate, network) : undefined
}

/** `*` stands for exactly one label. */
function parseHost(text: string): EgressRule | undefined {
  const wildcard = text.startsWith('*.')
  const name = canonicalName(wildcard ? text.slice(2) : text)
  if (name === undefined) return undefined
  if (!wildcard) return (_address, _port, host) => withoutDot(host) === name
  return (_address, _port, host) => host.indexOf('.') > 0 && withoutDot(host.slice(host.indexOf('.') + 1)) === name
}

/** The name as URLs have it; none for an odd spelling of an address, which would match nothing. */
function canonicalName(text: string): string | undefined {
  const url = `http://${text}`
  const name = URL.canParse(url) ? new URL(url).hostname : ''
  return hostProblem(text, name) ? undefined : withoutDot(name)
}

const withoutDot = (name: string) => name.replace(/\.$/, '')
