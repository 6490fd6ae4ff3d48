import {type LookupFunction, type OnReadOpts, type Socket, connect, isIP} from 'node:net'
import {type SecureContext, connect as connectTls, createSecureContext, rootCertificates} from 'node:tls'

import {type NameLookup, isLocalName} from './lookup.js'

/** Says whether an address may be dialled for a host: null, or the reason why not. `EgressPolicy` is one. */
export interface EgressJudge {
  judge(address: string, port: number, host: string): string | null
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

  constructor({egress, names, ca}: DiallerOptions) {
    this.#egress = egress
    this.#names = names
    this.#secureContext = createSecureContext(ca === undefined ? {} : {ca: [...rootCertificates, ca]})
  }

  /** A socket on its way to the target; throws EgressDenied for a denied literal, emits it for a denied name. */
  dial(target: Target, onread?: OnReadOpts): Socket {
    const {host, port, secure} = target
    if (isIP(host) !== 0) this.#judge([host], target)
    const options = {
      host,
      port,
      lookup: this.#lookupFor(target),
      autoSelectFamilyAttemptTimeout: addressTriedMs,
      autoSelectFamily: true,
      ...(onread && {onread}),
    }
    const socket = secure ? connectTls({...options, ...this.#tlsOptions(host)}) : connect(options)
    return socket.setNoDelay(true).setKeepAlive(true, 60_000)
  }

  #tlsOptions(host: string) {
    // A certificate and a server-name extension never end in a dot, whatever the URL has.
    const servername = isIP(host) === 0 ? {servername: host.replace(/\.$/, '')} : {}
    return {...servername, secureContext: this.#secureContext, ALPNProtocols: ['http/1.1']}
  }

  /** What `net.connect` asks for the addresses of a name: only judged ones, which it then tries in order. */
  #lookupFor(target: Target): LookupFunction {
    return (host, _options, callback) => {
      this.#names
        .addresses(host)
        .then((addresses) => this.#judge(addresses, target))
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
  #judge(addresses: string[], {host, port}: Target): string[] {
    const allowed = addresses.filter((address) => this.#egress.judge(address, port, host) === null)
    const enough = isLocalName(host) ? allowed.length > 0 : allowed.length === addresses.length
    if (!enough) throw new EgressDenied(`calls to ${host} are not allowed`)
    return allowed
  }
}
