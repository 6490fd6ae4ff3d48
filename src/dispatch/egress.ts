import {type LookupFunction, type OnReadOpts, type Socket, connect, isIP} from 'node:net'
import type {Duplex} from 'node:stream'
import {type SecureContext, connect as connectTls, createSecureContext, rootCertificates} from 'node:tls'

import type {Denial} from './denials.js'
import {type NameLookup, isLocalName, loopback} from './lookup.js'
import {type Proxy, Tunnel} from './proxy.js'

/** Says whether something may be called: null, or the reason why not. `EgressPolicy` is one. */
export interface EgressJudge {
  /** Whether an address may be dialled for a host. */
  judge(address: string, port: number, host: string): string | null
  /** Whether a name may be called whose address is a proxy's to find. */
  judgeName(host: string, port: number): string | null
}

/** Where a connection goes to: `host` is a name, or an address without brackets. */
export interface Target {
  host: string
  port: number
  secure: boolean
}

/** The policy does not let torque call there. Says no more than that: what an address is, or why, is not the producer's business. */
export class EgressDenied extends Error {
  readonly code = 'TORQUE_EGRESS_DENIED'
}

export interface DiallerOptions {
  egress: EgressJudge
  names: NameLookup
  /** Certificates (PEM) of authorities to trust besides the well-known ones. */
  ca?: string
  /** What all calls go through. It is dialled whatever the policy. */
  proxy?: Proxy
  /** Told of what was denied, and why. */
  denied?: (denial: Denial) => void
}

/** How long one address of several may take before the next is tried. */
const addressTriedMs = 500

/**
 * Opens connections, each to an address that was judged for it. `lookup` alone would not do: it is not told the port, and never
 * called for a literal.
 *
 * A kept-alive connection is not judged again: nothing is dialled then, the policy is fixed while the process lives, and the
 * connection's age is bounded (`connection.ts`), so that a name is looked up and judged afresh before long.
 */
export class Dialler {
  readonly #egress: EgressJudge
  readonly #names: NameLookup
  /** Made once: reading the authorities' certificates takes longer than a handshake. */
  readonly #secureContext: SecureContext
  readonly #proxy: Proxy | undefined
  readonly #denied: (denial: Denial) => void

  constructor({egress, names, ca, proxy, denied = () => {}}: DiallerOptions) {
    this.#egress = egress
    this.#names = names
    this.#proxy = proxy
    this.#denied = denied
    this.#secureContext = createSecureContext(ca === undefined ? {} : {ca: [...rootCertificates, ca]})
  }

  /**
   * A socket on its way to the target, which tells that it is there by `connect`, or `secureConnect`. Throws EgressDenied for a
   * denied literal, emits it for a denied name.
   */
  dial(target: Target, onread: OnReadOpts): Duplex {
    if (this.#proxy) return this.#dialThrough(this.#proxy, target, onread)
    const {host, port, secure} = target
    if (isIP(host) !== 0) this.#judge([host], target)
    const options = {...this.#connectOptions({host, port}, (found) => this.#judge(found, target)), onread}
    return settled(secure ? connectTls({...options, ...this.#tlsOptions(host)}) : connect(options))
  }

  /** Which address it will be is for the proxy to find, and to judge: here the name is judged, or the literal. */
  #dialThrough(proxy: Proxy, target: Target, onread: OnReadOpts): Duplex {
    const {host, port, secure} = target
    if (isIP(host) !== 0) this.#judge([host], target)
    else if (isLocalName(host)) this.#judge(loopback, target)
    else this.#hold(target, this.#egress.judgeName(host, port))
    const tunnel = new Tunnel(settled(connect(this.#connectOptions(proxy, (found) => found))), target, proxy)
    return reading(secure ? secured(tunnel, this.#tlsOptions(host)) : tunnel, onread)
  }

  #connectOptions({host, port}: {host: string; port: number}, judge: (addresses: string[]) => string[]) {
    return {
      host,
      port,
      lookup: this.#lookupFor(judge),
      autoSelectFamilyAttemptTimeout: addressTriedMs,
      autoSelectFamily: true,
    }
  }

  #tlsOptions(host: string) {
    // A certificate and a server-name extension never end in a dot, whatever the URL has.
    const servername = isIP(host) === 0 ? {servername: host.replace(/\.$/, '')} : {}
    return {...servername, secureContext: this.#secureContext, ALPNProtocols: ['http/1.1']}
  }

  /** What `net.connect` asks for the addresses of a name: only judged ones, which it then tries in order. */
  #lookupFor(judge: (addresses: string[]) => string[]): LookupFunction {
    return (host, _options, callback) => {
      this.#names
        .addresses(host)
        .then(judge)
        .then(
          (addresses) =>
            callback(
              null,
              addresses.map((address) => ({address, family: isIP(address)})),
            ),
          (error: Error) => callback(error, []),
        )
    }
  }

  /**
   * One denied address denies the name: who answers with a good and a bad one is hoping for the bad one to be dialled. But
   * for this machine's own names, which no one else answers for: of those, what is allowed is dialled.
   */
  #judge(addresses: string[], target: Target): string[] {
    const {host, port} = target
    const verdicts = addresses.map((address) => this.#egress.judge(address, port, host))
    const allowed = addresses.filter((_address, at) => verdicts[at] === null)
    const isEnough = isLocalName(host) ? allowed.length > 0 : allowed.length === addresses.length
    if (!isEnough) this.#hold(target, verdicts.find((verdict) => verdict !== null) ?? 'it has no address')
    return allowed
  }

  /** Throws where there is a reason not to call it. */
  #hold({host, port}: Target, reason: string | null): void {
    if (reason === null) return
    this.#denied({host, port, reason})
    throw new EgressDenied(`calls to ${host} are not allowed`)
  }
}

function settled<Made extends Socket>(socket: Made): Made {
  return socket.setNoDelay(true).setKeepAlive(true, 60_000)
}

/** TLS through a tunnel, which ends with it. */
function secured(tunnel: Tunnel, options: object): Duplex {
  const socket = connectTls({...options, socket: tunnel})
  tunnel.on('error', (error) => socket.destroy(error))
  return socket
}

/** What only sockets do by themselves: reads into one buffer. */
function reading(stream: Duplex, onread: OnReadOpts): Duplex {
  const buffer = typeof onread.buffer === 'function' ? onread.buffer() : onread.buffer
  return stream.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += buffer.length) onread.callback(bytes.copy(buffer, 0, at), buffer)
  })
}
