import {hostname} from 'node:os'

import {Deliverer, type Proxy} from '../dispatch/deliver.js'
import {Dispatcher, type DispatcherOptions} from '../dispatch/dispatcher.js'
import {Outage} from '../dispatch/outage.js'
import type {AccessOptions} from '../http/access.js'
import {Signer, type SigningSecrets} from '../dispatch/signer.js'
import {Endpoint, type EndpointAddress, type EndpointOptions} from '../http/server.js'
import {clearSocketPath} from '../http/unix-socket.js'
import type {Logger} from '../log.js'
import {AddBatchers} from '../queue/add-batchers.js'
import {displayUrl} from '../queue/redis/redis-url.js'
import {Store} from '../queue/store.js'
import type {EgressPolicy, EgressRules} from '../task/address.js'
import {newId} from '../task/id.js'
import {UrlScope} from '../task/url-scope.js'
import {announceProcess} from './announce-process.js'
import {checkOptions} from './check-options.js'
import {followRedis} from './follow-redis.js'
import {type RedisWarning, checkRedis, checkReplicas} from './redis-checks.js'
import {type Renewal, renewed} from './renewed.js'
import {releaseYoungHeap} from './young-heap.js'
import {type RedisOptions, type ServeAddress, Service} from './service.js'

export interface ServeOptions extends Omit<DispatcherOptions, 'store' | 'deliverer' | 'log'>, AccessOptions {
  version: string
  redis: RedisOptions
  /** False: another process tells in the log what is wrong with this Redis. */
  tellsOfRedis?: boolean | undefined
  namespace: string
  allowEviction: boolean
  /** How many replicas must have an add before it is answered; none unless given. */
  ackReplicas?: number | undefined
  /** Absent: no endpoint. */
  http?: (Pick<EndpointOptions, 'host' | 'port' | 'socket' | 'certificate' | 'baseTaskUrl'> & {noAuth: boolean}) | undefined
  /** False: other processes listen on the same socket, and it is in order. */
  clearsSocket?: boolean | undefined
  /** False: takes tasks and does not call them. */
  dispatch: boolean
  /** Where hooks may go. */
  egress: Omit<EgressRules, 'interfaces'>
  /** Only URLs under this one are taken and called. */
  onlyUnder?: string | undefined
  /** What calls are signed with. */
  signing: SigningSecrets
  ca?: string | undefined
  dnsServers?: readonly string[] | undefined
  systemDns?: boolean | undefined
  /** An HTTP proxy that all calls go through. */
  proxy?: Proxy | undefined
  shutdownTimeoutMs: number
  log: Logger
}

/**
 * `torque serve` in one process: the private Redis where none is named, the endpoint, and the dispatcher. When it stops it is
 * first not ready, then claims no more; what runs may finish within the shutdown time-out, and then the endpoint closes.
 */
export class Serve extends Service {
  #options: ServeOptions
  readonly #self = newId()
  readonly #scope: UrlScope | undefined
  readonly #signer: Signer
  #dispatcher: Dispatcher | undefined
  #endpoint: Endpoint | undefined
  #warnings: readonly RedisWarning[] = []

  constructor(options: ServeOptions) {
    super(options)
    this.#options = options
    this.#signer = new Signer(options.signing)
    this.#scope = options.onlyUnder === undefined ? undefined : new UrlScope(options.onlyUnder)
  }

  /** Resolves when nothing is due any more. */
  async drained(): Promise<void> {
    await this.#dispatcher?.drained()
  }

  /** From now on these tokens let in, this certificate is shown, and calls are signed with these secrets. */
  renew(renewal: Renewal): void {
    this.#options = renewed(this.#options, renewal)
    this.#endpoint?.renew(renewal)
    this.#signer.renew(renewal.signing)
  }

  /** It still does what it is there for. */
  get isAlive(): boolean {
    return this.#dispatcher?.isAlive ?? true
  }

  /** Ends every call and gives its task back. Resolves when that is written, or after a second. Never throws. */
  async giveUp(): Promise<void> {
    await this.#dispatcher?.giveUp()
  }

  protected async startParts(): Promise<ServeAddress> {
    const egress = checkOptions(this.#options)
    const redisUrl = await this.startRedis(this.#options.redis)
    const store = await this.#openStore(redisUrl, 'dispatcher')
    const unfollow = await followRedis(redisUrl, store.redis, egress)
    this.stops.push(async () => unfollow())
    const {allowEviction, ackReplicas = 0, tellsOfRedis} = this.#options
    const log = tellsOfRedis === false ? undefined : this.#options.log
    this.#warnings = await checkRedis(store, {allowEviction, log})
    await checkReplicas(store, {ackReplicas, log})
    this.checkWanted()
    const listening = this.#options.http && (await this.#startEndpoint(redisUrl, egress))
    if (listening?.host !== undefined) egress.setOwn('listener', [{host: listening.host, port: listening.port!}])
    this.checkWanted()
    // On the list for as long as its limits hold: until its last call has been settled.
    await this.#announce(store)
    if (this.#options.dispatch) await this.#startDispatcher(store, egress)
    this.checkWanted()
    releaseYoungHeap()
    return {url: listening?.url, socket: listening?.socket, redis: displayUrl(redisUrl)}
  }

  async #openStore(redisUrl: string, profile: 'dispatcher' | 'endpoint', {ackReplicas = 0} = {}): Promise<Store> {
    const {namespace, leaseMs} = this.#options
    const store = await Store.open({redisUrl, namespace, profile, leaseMs, self: this.#self, ackReplicas})
    this.stops.push(() => store.close())
    return store
  }

  async #startEndpoint(redisUrl: string, egress: EgressPolicy): Promise<EndpointAddress> {
    const {http, tokens, trustedHosts, ackReplicas = 0, log} = this.#options
    const store = await this.#openStore(redisUrl, 'endpoint')
    // Who waits for replicas holds up all else on its connection.
    const addStore = ackReplicas > 0 ? await this.#openStore(redisUrl, 'endpoint', {ackReplicas}) : store
    const adds = new AddBatchers(addStore, {onSent: (queue) => this.#dispatcher?.wake(queue)})
    const endpoint = new Endpoint({
      ...http!,
      tokens,
      trustedHosts,
      store,
      egress,
      scope: this.#scope,
      add: (queue, tasks) => adds.add(queue, tasks),
      warnings: () => this.#warnings,
      ready: () => (this.isReady ? {ready: true} : {ready: false, reason: 'starting or stopping'}),
      log,
    })
    this.#endpoint = endpoint
    this.stops.push(() => endpoint.stop())
    if (http!.socket && this.#options.clearsSocket !== false) await clearSocketPath(http!.socket.path)
    return endpoint.start()
  }

  async #startDispatcher(store: Store, egress: EgressPolicy): Promise<void> {
    const {version, ca, dnsServers, systemDns, proxy, concurrency, shutdownTimeoutMs, log} = this.#options
    const deliverer = new Deliverer({
      userAgent: `torque/${version}`,
      connections: concurrency,
      egress,
      scope: this.#scope,
      signer: this.#signer,
      ...(ca !== undefined && {ca}),
      ...(dnsServers && {dnsServers}),
      ...(systemDns !== undefined && {systemDns}),
      ...(proxy && {proxy}),
      onDenied: (denial) => log.warn({...denial}, 'egress_denied: a task asked for a call that is not allowed'),
    })
    this.stops.push(() => deliverer.close())
    const dispatcher = new Dispatcher({...this.#options, store, deliverer})
    this.#dispatcher = dispatcher
    this.stops.push(() => dispatcher.stop({timeoutMs: shutdownTimeoutMs}))
    await dispatcher.start()
  }

  async #announce(store: Store): Promise<void> {
    const {policy, version, log, dispatch, queues, concurrency, laneConcurrency} = this.#options
    const {maxErrors, timeoutMs} = policy
    const outage = dispatch ? undefined : new Outage(log)
    const inFlight = () => this.#dispatcher?.inFlight ?? 0
    this.stops.push(
      await announceProcess(store.processes, {
        maxErrors,
        timeoutMs,
        policy,
        concurrency,
        laneConcurrency,
        ...(dispatch ? queues && {queues} : {queues: []}),
        version,
        host: hostname(),
        pid: process.pid,
        inFlight,
        log,
        outage,
      }),
    )
  }
}
