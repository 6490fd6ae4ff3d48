import {isIP, isIPv6} from 'node:net'

/** A name, an IPv4 address or an IPv6 one in brackets, and maybe a port. */
const authority = /^(\[[0-9a-f:.]+\]|[^:/@[\]\s]+)(?::\d{0,5})?$/

/**
 * Knows the names by which a browser may call us. A page of a stranger can point a name of its own at our address (DNS
 * rebinding), but it can point neither an address nor `localhost` elsewhere.
 */
export class OwnNames {
  readonly #trusted: ReadonlySet<string>

  constructor(trustedHosts: readonly string[]) {
    this.#trusted = new Set(trustedHosts.map((name) => name.trim().toLowerCase()))
  }

  /** True where a `Host` header names us. The port is not judged: a proxy's may differ. */
  isOwnHost(host: string): boolean {
    const [, bracketed = ''] = authority.exec(host.toLowerCase()) ?? []
    const name = bracketed.replace(/\.$/, '')
    if (name === 'localhost' || this.#trusted.has(name)) return true
    return bracketed.startsWith('[') ? isIPv6(bracketed.slice(1, -1)) : isIP(bracketed) === 4
  }

  /** True where an `Origin` header is that of our own pages: the host that was asked, or a trusted name. */
  isOwnOrigin(origin: string, host: string | undefined): boolean {
    const [, asked] = /^https?:\/\/(.+)$/.exec(origin.toLowerCase()) ?? []
    return asked !== undefined && (asked === host?.toLowerCase() || this.#trusted.has(asked))
  }
}
