import type {IncomingMessage} from 'node:http'
import {isIP} from 'node:net'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import {OwnNames} from './own-name.js'
import {type Grant, TokenBook, type Tokens} from './tokens.js'

export interface AccessOptions {
  tokens: Tokens
  /** Names other than `localhost` and addresses that are our own. */
  trustedHosts: readonly string[]
}

/** For probes of load balancers and supervisors, which have no token. */
const openPaths = new Set(['/healthz', '/readyz'])

/** What a token that may only add is good for. */
const addPaths = new Set(['/hooks/add', '/add_task', '/tasks'])

/** Decides who may come in. */
export class Access {
  #tokens: TokenBook
  readonly #names: OwnNames
  /** Of requests whose token may not add to every queue: which queue it is for is only known once the body has been read. */
  #queues: WeakMap<IncomingMessage, ReadonlySet<string>> | undefined

  constructor({tokens, trustedHosts}: AccessOptions) {
    this.#tokens = new TokenBook(tokens)
    this.#names = new OwnNames(trustedHosts)
  }

  /** Why a request for this path may not pass; null where it may. */
  judge(request: IncomingMessage, path: string): TorqueError | null {
    if (openPaths.has(path)) return null
    return this.#tokens.empty ? this.#judgeOrigin(request) : this.#judgeToken(request, path)
  }

  /** From now on these tokens open the endpoint, and no others. */
  setTokens(tokens: Tokens): void {
    this.#tokens = new TokenBook(tokens)
  }

  /** The queues that a request which was let in may add to; undefined: any. */
  queuesOf(request: IncomingMessage): ReadonlySet<string> | undefined {
    return this.#queues?.get(request)
  }

  #judgeToken(request: IncomingMessage, path: string): TorqueError | null {
    const grant = this.#tokens.grantOf(request.headers.authorization)
    if (grant === null) return new TorqueError('unauthorized', 'no token, or a wrong one: send Authorization: Bearer <token>')
    return grant.isAdmin ? null : this.#judgeAdder(request, path, grant)
  }

  #judgeAdder(request: IncomingMessage, path: string, {queues}: Grant): TorqueError | null {
    if (request.method !== 'POST' || !addPaths.has(path)) return new TorqueError('forbidden', 'this token may only add tasks')
    if (queues) (this.#queues ??= new WeakMap()).set(request, queues)
    return null
  }

  /** With no token to tell friend from stranger, only pages of our own may ask. Clients that are no browser say nothing of a page. */
  #judgeOrigin({headers}: IncomingMessage): TorqueError | null {
    const {host, origin, 'sec-fetch-site': site} = headers
    if (host !== undefined && !this.#names.isOwnHost(host)) return foreignHost(host)
    if (origin !== undefined && !this.#names.isOwnOrigin(origin, host)) return foreignPage(`origin ${quote(origin)}`)
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return foreignPage('another site')
    return null
  }
}

function foreignHost(host: string): TorqueError {
  return new TorqueError('forbidden', `${quote(host)} is not a name of this server`, {
    hint: 'if it is, start serve with --trusted-host and that name, or send a token',
  })
}

function foreignPage(where: string): TorqueError {
  return new TorqueError('forbidden', `refused: a page of ${where} may not use this server`)
}

export interface Exposure {
  /** Absent: no port is listened on. A unix socket is for those its mode lets in, and they are on this machine. */
  host?: string | undefined
  tokens: Tokens
  /** The operator answers for it. */
  noAuth: boolean
}

/** Throws `refused` where others than this machine could reach the endpoint without a token. */
export function checkExposure({host, tokens, noAuth}: Exposure): void {
  if (noAuth || host === undefined || isLoopback(host) || !new TokenBook(tokens).empty) return
  throw new TorqueError(
    'refused',
    `listening on ${quote(host)} without a token would let anybody on the network add and read tasks`,
    {
      field: 'host',
      hint: 'set TORQUE_AUTH_TOKEN or --auth-token-file, listen on 127.0.0.1, or pass --no-auth if something else guards it',
    },
  )
}

/** Only what cannot mean anything else; a name other than localhost may resolve to any address. */
function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (name === 'localhost' || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}
