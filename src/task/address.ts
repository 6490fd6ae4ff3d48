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
  /** Torque's listener and its Redis. */
  own?: readonly OwnAddress[]
  /** The addresses of this machine, on which what listens here may be reached too. */
  interfaces?: readonly string[]
}

/** Verdicts to keep: some hundred bytes each. */
const mostJudged = 4_000

/** Why an address is never called, whatever the flags say. */
const neverCalled: Partial<Record<AddressClass, string>> = {
  link_local: 'a link-local address',
  metadata: 'a metadata address of a cloud',
  unspecified: 'the unspecified address',
  multicast: 'a multicast address',
  reserved: 'a reserved address',
  ip_embedding: 'an IPv6 address with an IPv4 one inside',
}

/**
 * Where tasks may go. Judges addresses, never names: a name means what it resolves to when it is dialled. A denial is the
 * reason in words; null allows.
 */
export class EgressPolicy {
  readonly #mode: EgressMode
  readonly #allow: EgressRule[]
  readonly #deny: EgressRule[]
  readonly #own: OwnAddress[] = []
  readonly #interfaces: ReadonlySet<string>
  /** Verdicts on the origins of URLs, kept while nothing changes: most tasks go where others went. */
  readonly #judged = new Map<string, string | null>()

  /** Throws `invalid_option` for a rule that cannot be read, or that would mean nothing. */
  constructor({mode, allow = [], deny = [], own = [], interfaces = []}: EgressRules) {
    if (mode !== 'allowlist' && allow.length > 0) {
      // Else whoever meant to narrow `internal` would have left everything open.
      throw new TorqueError('invalid_option', '--egress-allow means something with --egress allowlist only', {
        field: 'egress-allow',
      })
    }
    this.#mode = mode
    this.#allow = allow.map((rule) => parseEgressRule(rule, 'egress-allow'))
    this.#deny = deny.map((rule) => parseEgressRule(rule, 'egress-deny'))
    this.#interfaces = new Set(interfaces.map(canonical))
    for (const address of own) this.addOwn(address)
  }

  /** Adds what is known only once it listens. */
  addOwn({host, port}: OwnAddress): void {
    this.#own.push({host: canonical(host), port})
    this.#judged.clear()
  }

  /** Whether `address` may be dialled for `host`: the host of the URL without brackets, a name or the address itself. */
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

  /** Judges the host of a target's URL where it is an address; null for a name. */
  judgeLiteral(url: string): string | null {
    const known = this.#judged.get(originOf(url))
    if (known !== undefined) return known
    const {hostname, port, protocol, origin} = new URL(url)
    const host = withoutBrackets(hostname)
    const verdict = parseAddress(host) ? this.judge(host, Number(port) || (protocol === 'https:' ? 443 : 80), host) : null
    if (this.#judged.size === mostJudged) this.#judged.clear()
    this.#judged.set(origin, verdict)
    return verdict
  }

  #judgeAllowed(address: Address, port: number, host: string, kind: AddressClass): string | null {
    if (this.#deny.some((rule) => rule(address, port, host))) return 'is denied by --egress-deny'
    if (this.#mode === 'internal') return null
    if (this.#mode === 'public') return kind === 'public' ? null : 'is not public'
    return this.#allow.some((rule) => rule(address, port, host)) ? null : 'is not on the allow list'
  }

  /** What listens on any address of this machine counts as listening on all of them: a port here is seldom two programs'. */
  #isOwn(address: Address, port: number, host: string): boolean {
    const text = address.toString()
    const called = [text, canonical(host)]
    return this.#own.some(
      (own) => own.port === port && (called.includes(own.host) || (this.#isHere(own.host) && this.#isHere(text))),
    )
  }

  #isHere(host: string): boolean {
    const address = parseAddress(host)
    if (!address) return /^(?:.*\.)?localhost$/.test(host)
    const kind = classOf(address)
    return kind === 'loopback' || kind === 'unspecified' || this.#interfaces.has(address.toString())
  }
}

/** One spelling for each address, and for each name. */
function canonical(host: string): string {
  const bare = withoutBrackets(host.toLowerCase()).replace(/\.$/, '')
  const address = parseAddress(bare)
  return address ? unmapped(address).toString() : bare
}

const withoutBrackets = (host: string) => host.replace(/^\[|\]$/g, '')
