import {TorqueError} from '../errors.js'
import {originOf} from '../task/origin.js'
import type {Outcome} from '../task/verdict.js'
import type {Abort} from './abort.js'
import {type Call, callRequest} from './call-request.js'
import {Delivery} from './delivery.js'
import {type Denial, Denials} from './denials.js'
import {Dialler, type EgressJudge} from './egress.js'
import {NameLookup} from './lookup.js'
import type {Origin} from './origin.js'
import {Origins} from './origins.js'
import type {Failure} from './outcome-code.js'
import type {Signer} from './signer.js'
import type {Proxy} from './proxy.js'

export {Abort} from './abort.js'
export type {Proxy} from './proxy.js'
export type {Call} from './call-request.js'
export type {Outcome} from '../task/verdict.js'

export interface DelivererOptions {
  /** `torque/<version>`. */
  userAgent: string
  /** Most connections to one origin; calls beyond them wait, their deadline running. */
  connections: number
  /** Says which addresses may be dialled; fixed for the life of the Deliverer. */
  egress: EgressJudge
  /** The only URLs that are called, whichever door their tasks came in by; all, when absent. */
  scope?: {includes(url: string): boolean} | undefined
  /** Certificates (PEM) of authorities to trust besides the well-known ones. */
  ca?: string
  /** How long the name look-up and the TCP and TLS handshakes may take together, within the total deadline. */
  connectTimeoutMs?: number
  /** Name servers (`ADDRESS:PORT`) to ask instead of the system's. */
  dnsServers?: readonly string[]
  /** Look names up as other programs of this machine do (getaddrinfo). */
  systemDns?: boolean
  /** An HTTP proxy that all calls go through. */
  proxy?: Proxy
  /** Says what the calls of a queue are signed with; none are, when absent. */
  signer?: Pick<Signer, 'keysOf'> | undefined
  /** Told of calls that were not allowed, and why; not of each. */
  onDenied?: (denial: Denial) => void
}

/** Makes calls. Whatever happens to one is its outcome: `deliver` never rejects. */
export class Deliverer {
  readonly #userAgent: string
  readonly #origins: Origins
  readonly #scope: DelivererOptions['scope']
  readonly #signer: DelivererOptions['signer']
  #closed = false

  constructor(options: DelivererOptions) {
    const {userAgent, connections, egress, ca, proxy, onDenied = () => {}, connectTimeoutMs = 5000} = options
    this.#userAgent = userAgent
    this.#scope = options.scope
    this.#signer = options.signer
    // A little less than the connection's, so that a silent name server is named as the reason.
    const names = new NameLookup({...options, timeoutMs: connectTimeoutMs * 0.9})
    const denials = new Denials(onDenied)
    const denied = (denial: Denial) => denials.add(denial, performance.now())
    const dialler = new Dialler({egress, names, denied, ...(ca !== undefined && {ca}), ...(proxy && {proxy})})
    this.#origins = new Origins({dial: (target, onread) => dialler.dial(target, onread), connections, connectTimeoutMs})
  }

  /** Makes one call. `abort` gives it up, unless its answer has come. */
  deliver(call: Call, abort?: Abort): Promise<Outcome> {
    return new Promise((resolve) => {
      const delivery = new Delivery(call.timeoutMs, resolve)
      if (this.#closed || abort?.aborted) delivery.abort()
      else this.#begin(delivery, call, abort)
    })
  }

  /** Gives up the calls under way and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#origins.close()
  }

  #begin(delivery: Delivery, call: Call, abort: Abort | undefined): void {
    try {
      if (this.#scope && !this.#scope.includes(call.task.url)) return delivery.end(outOfScope)
      const [origin, request] = this.#prepare(call)
      delivery.begin(origin, request, abort)
    } catch (error) {
      delivery.end(unreadable(error))
    }
  }

  #prepare(call: Call): [Origin, string | Buffer] {
    const {url} = call.task
    // A stored URL is a parser's own text (WHATWG), which has a path always: parsing it again would cost more than all else here.
    const origin = originOf(url)
    const target = {host: origin.slice(origin.indexOf('//') + 2), path: url.slice(origin.length)}
    const request = callRequest(call, target, {userAgent: this.#userAgent, keys: this.#signer?.keysOf(call.queue)})
    return [this.#origins.get(origin), request]
  }
}

const outOfScope: Failure = {code: 'egress_denied', message: 'its url is not under --base-task-url'}

/** A task that validation let in can always be sent; one that cannot was damaged since. */
function unreadable(error: unknown): Failure {
  if (error instanceof TorqueError) return {code: 'corrupt', message: error.message}
  return {code: 'internal', message: 'the task cannot be made into a request'}
}
