import {TorqueError} from '../errors.js'
import {type Address, type AddressClass, classOf, parseAddress, unmapped} from './address-class.js'
import {type EgressRule, parseEgressRule} from './egress-rule.js'
import {originOf} from './origin.js'

export const egressModes = ['internal', 'public', 'allowlist'] as const
export type EgressMode = (typeof egressModes)[number]

/** Where torque itself can be reached: an address, or a name that may be called as such. */
export interface OwnAddress {
  host: string
  port: number
}

export interface EgressRules {
  mode: EgressMode
  /** `--egress-allow`: networks, hosts and `*.domain`s, each with `:port` or without. Only with `allowlist`. */
  allow?: readonly string[]
  /** `--egress-deny`: the same; wins over everything that allows. */
  deny?: readonly string[]
  /** The addresses of this machine, on which what listens here may be reached too: asked each time, for they come and go. */
  interfaces?: () => readonly string[]
}

/** Verdicts to keep: some hundred bytes each. */
const mostJudged = 4_000

/** Why an address is never called, whatever the flags say: what everybody may know of it. */
const neverCalled: Partial<Record<AddressClass, string>> = {
  link_local: 'a link-local address',
  metadata: 'a metadata address of a cloud',
  unspecified: 'the unspecified address',
  multicast: 'a multicast address',
  reserved: 'a reserved address',
  ip_embedding: 'an IPv6 address with an IPv4 one inside',
}

/**
 * Where tasks may go. Judges addresses: a name means what it resolves to when it is dialled. A denial is the reason in words,
 * null allows.
 */
export class EgressPolicy {
  readonly #mode: EgressMode
  readonly #allow: EgressRule[]
  readonly #deny: EgressRule[]
  readonly #ownParts = new Map<string, readonly OwnAddress[]>()
  /** Of all parts: those that listen on a port, by that port. */
  #own: ReadonlyMap<number, readonly string[]> = new Map()
  readonly #interfaces: () => readonly string[]
  /** Verdicts on the origins of URLs, kept while nothing changes: most tasks go where others went. */
  readonly #judged = new Map<string, string | null>()

  /** Throws `invalid_option` for a rule that cannot be read, or that would mean nothing. */
  constructor({mode, allow = [], deny = [], interfaces = () => []}: EgressRules) {
    if (mode !== 'allowlist' && allow.length > 0) {
      // Else whoever meant to narrow `internal` would have left everything open.
      throw new TorqueError('invalid_option', '--egress-allow means something with --egress allowlist only', {
        field: 'egress-allow',
      })
    }
    this.#mode = mode
    this.#allow = allow.map((rule) => parseEgressRule(rule, 'egress-allow'))
    this.#deny = deny.map((rule) => parseEgressRule(rule, 'egress-deny'))
    this.#interfaces = interfaces
  }

  /** Says where a part of torque (its listener, its Redis) can be reached now; what was said of that part before is forgotten. */
  setOwn(part: string, addresses: readonly OwnAddress[]): void {
    this.#ownParts.set(part, addresses)
    const own = new Map<number, string[]>()
    for (const {host, port} of [...this.#ownParts.values()].flat()) own.set(port, [...(own.get(port) ?? []), canonical(host)])
    this.#own = own
    this.#judged.clear()
  }

  /**
   * Whether `address` may be dialled for `host`: the host of the URL without brackets, a name or the address itself. The reason is
   * for the operator's eyes.
   */
  judge(address: string, port: number, host: string): string | null {
    const parsed = parseAddress(address)
    if (!parsed) return `${address} is not an address`
    const kind = classOf(parsed)
    const never = neverCalled[kind]
    if (never !== undefined) return `${address} is ${never}`
    const reason = this.#isOwn(parsed, port, host)
      ? 'is torque itself or its Redis'
      : this.#judgeAllowed(parsed, port, host, kind)
    return reason === null ? null : `${address}:${port} ${reason}`
  }

  /** Whether a name may be called whose address a proxy will find, and judge: only what names it as such holds for it here. */
  judgeName(host: string, port: number): string | null {
    if (this.#own.get(port)?.includes(canonical(host))) return `${host}:${port} is torque itself or its Redis`
    if (this.#deny.some((rule) => rule(undefined, port, host))) return `${host}:${port} is denied by --egress-deny`
    if (this.#mode !== 'allowlist' || this.#allow.some((rule) => rule(undefined, port, host))) return null
    return `${host}:${port} is not on the allow list`
  }

  /**
   * Judges the host of a target's URL where it is an address; null for a name. The reason is for producers: it says what everybody
   * knows of an address, and of this network only that it may not be called.
   */
  judgeLiteral(url: string): string | null {
    const known = this.#judged.get(originOf(url))
    if (known !== undefined) return known
    const {hostname, host, port, protocol, origin} = new URL(url)
    const address = parseAddress(withoutBrackets(hostname))
    const verdict = address ? this.#judgeFor(address, portOf(port, protocol), host) : null
    if (this.#judged.size === mostJudged) this.#judged.clear()
    this.#judged.set(origin, verdict)
    return verdict
  }

  #judgeFor(address: Address, port: number, host: string): string | null {
    const text = address.toString()
    if (this.judge(text, port, text) === null) return null
    const never = neverCalled[classOf(address)]
    return never === undefined ? `calls to ${host} are not allowed` : `${text} is ${never}`
  }

  #judgeAllowed(address: Address, port: number, host: string, kind: AddressClass): string | null {
    if (this.#deny.some((rule) => rule(address, port, host))) return 'is denied by --egress-deny'
    if (this.#mode === 'internal') return null
    if (this.#mode === 'public') return kind === 'public' ? null : 'is not public'
    return this.#allow.some((rule) => rule(address, port, host)) ? null : 'is not on the allow list'
  }

  /** What listens on any address of this machine counts as listening on all of them: a port here is seldom two programs'. */
  #isOwn(address: Address, port: number, host: string): boolean {
    const own = this.#own.get(port)
    if (own === undefined) return false
    const text = address.toString()
    if (own.includes(text) || own.includes(canonical(host))) return true
    const interfaces = new Set(this.#interfaces().map(canonical))
    return isHere(text, interfaces) && own.some((each) => isHere(each, interfaces))
  }
}

function isHere(host: string, interfaces: ReadonlySet<string>): boolean {
  const address = parseAddress(host)
  if (!address) return /^(?:.*\.)?localhost$/.test(host)
  const kind = classOf(address)
  return kind === 'loopback' || kind === 'unspecified' || interfaces.has(address.toString())
}

/** One spelling for each address, and for each name. */
function canonical(host: string): string {
  const bare = withoutBrackets(host.toLowerCase()).replace(/\.$/, '')
  const address = parseAddress(bare)
  return address ? unmapped(address).toString() : bare
}

const portOf = (port: string, protocol: string) => Number(port) || (protocol === 'https:' ? 443 : 80)

const withoutBrackets = (host: string) => host.replace(/^\[|\]$/g, '')
