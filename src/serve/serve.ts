import {hostname} from 'node:os'

import {Deliverer} from '../dispatch/deliver.js'
import {Dispatcher, type DispatcherOptions} from '../dispatch/dispatcher.js'
import {Engine, type EngineOptions} from '../embedded/engine.js'
import {TorqueError} from '../errors.js'
import {type AccessOptions, checkExposure} from '../http/access.js'
import {Endpoint} from '../http/server.js'
import type {Logger} from '../log.js'
import {AddBatchers} from '../queue/add-batchers.js'
import {displayUrl} from '../queue/connect.js'
import {Store} from '../queue/store.js'
import {EgressPolicy, type EgressRules} from '../task/address.js'
import {newId} from '../task/id.js'
import {announceProcess} from './announce-process.js'
import {machineAddresses, ownAddresses} from './own-addresses.js'
import {checkRedis} from './redis-checks.js'

export interface ServeOptions extends Omit<DispatcherOptions, 'store' | 'deliverer' | 'log'>, AccessOptions {
  version: string
  /** A Redis to use, or the home of the private one. */
  redis: {url: string} | {engine: Omit<EngineOptions, 'log'>}
  namespace: string
  allowEviction: boolean
  /** Absent: no endpoint. */
  http?: {host: string; port: number; noAuth: boolean; baseTaskUrl?: string | undefined} | undefined
  /** False: takes tasks and does not call them. */
  dispatch: boolean
  /** Where hooks may go. */
  egress: Omit<EgressRules, 'own' | 'interfaces'>
  ca?: string | undefined
  dnsServers?: readonly string[] | undefined
  systemDns?: boolean | undefined
  shutdownTimeoutMs: number
  log: Logger
}

/** What is stopped, in the reverse order of its start. */
type Stop = () => Promise<void>

/** `torque serve`: the private Redis where none is named, the endpoint, and the dispatcher. */
export class Serve {
  readonly #options: ServeOptions
  readonly #stops: Stop[] = []
  readonly #self = newId()
  #engine: Engine | undefined
  #dispatcher: Dispatcher | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #isStarted = false
  #url: string | undefined

  constructor(options: ServeOptions) {
    this.#options = options
  }

  /** Where its endpoint listens, once started. */
  get url(): string | undefined {
    return this.#url
  }

  /** Starts its parts in order. When one cannot, those before it are stopped, and its `TorqueError` is thrown. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** Resolves when nothing is due any more. */
  async drained(): Promise<void> {
    await this.#dispatcher?.drained()
  }

  /** Not ready first, then no more claims and requests; what runs may finish within the shutdown time-out. Idempotent, never throws. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  get #isReady(): boolean {
    return this.#isStarted && this.#stopping === undefined
  }

  async #start(): Promise<void> {
    try {
      await this.#startAll()
    } catch (error) {
      await this.#stopParts()
      throw error
    }
  }

  async #startAll(): Promise<void> {
    const {http, dispatch, log} = this.#options
    if (http) checkExposure({...http, tokens: this.#options.tokens})
    const egress = new EgressPolicy({...this.#options.egress, interfaces: machineAddresses()})
    const redisUrl = await this.#startEngine()
    for (const address of ownAddresses(redisUrl)) egress.addOwn(address)
    const store = await this.#openStore(redisUrl, 'dispatcher')
    await checkRedis(store, this.#options)
    this.#checkWanted()
    const listening = http && (await this.#startEndpoint(redisUrl, egress))
    if (listening) egress.addOwn(listening)
    this.#checkWanted()
    // On the list for as long as its limits hold: until its last call has been settled.
    await this.#announce(store)
    if (dispatch) await this.#startDispatcher(store, egress)
    this.#checkWanted()
    this.#isStarted = true
    this.#url = listening?.url
    const {version} = this.#options
    log.info({url: this.#url, redis: displayUrl(redisUrl), pid: process.pid, version}, 'torque is ready')
  }

  /** Between two parts: whoever was told to stop starts no more of them. */
  #checkWanted(): void {
    if (this.#stopping) throw new TorqueError('shutting_down', 'stopped while it started')
  }

  async #stop(): Promise<void> {
    if (this.#starting && !this.#isStarted) {
      // It alone may take long to start: it has data to read.
      await this.#engine?.stop()
      await this.#starting.catch(() => undefined)
    }
    await this.#stopParts()
  }

  async #stopParts(): Promise<void> {
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) {
      await stop().catch((error: unknown) => this.#options.log.error({err: error}, 'a part could not be stopped'))
    }
  }

  async #startEngine(): Promise<string> {
    const {redis, log} = this.#options
    if ('url' in redis) return redis.url
    const report = {
      info: (line: string) => log.info({engine: line}, 'private Redis'),
      warn: (line: string) => log.warn({engine: line}, 'private Redis'),
      error: (line: string) => log.error({engine: line}, 'private Redis'),
    }
    const engine = new Engine({...redis.engine, log: report})
    this.#engine = engine
    this.#stops.push(() => engine.stop())
    const {url, adopted} = await engine.start()
    if (adopted) log.info({}, 'took over the private Redis of a serve that is gone')
    return url
  }

  async #openStore(redisUrl: string, profile: 'dispatcher' | 'endpoint'): Promise<Store> {
    const store = await Store.open({redisUrl, namespace: this.#options.namespace, profile, self: this.#self})
    this.#stops.push(() => store.close())
    return store
  }

  async #startEndpoint(redisUrl: string, egress: EgressPolicy) {
    const {http, tokens, trustedHosts, log} = this.#options
    const store = await this.#openStore(redisUrl, 'endpoint')
    const adds = new AddBatchers(store, {onSent: (queue) => this.#dispatcher?.wake(queue)})
    const endpoint = new Endpoint({
      ...http!,
      tokens,
      trustedHosts,
      store,
      egress,
      add: (queue, tasks) => adds.add(queue, tasks),
      ready: () => (this.#isReady ? {ready: true} : {ready: false, reason: 'starting or stopping'}),
      log,
    })
    this.#stops.push(() => endpoint.stop())
    return endpoint.start()
  }

  async #startDispatcher(store: Store, egress: EgressPolicy): Promise<void> {
    const {version, ca, dnsServers, systemDns, concurrency, shutdownTimeoutMs} = this.#options
    const deliverer = new Deliverer({
      userAgent: `torque/${version}`,
      connections: concurrency,
      egress,
      ...(ca !== undefined && {ca}),
      ...(dnsServers && {dnsServers}),
      ...(systemDns !== undefined && {systemDns}),
    })
    this.#stops.push(() => deliverer.close())
    const dispatcher = new Dispatcher({...this.#options, store, deliverer})
    this.#dispatcher = dispatcher
    this.#stops.push(() => dispatcher.stop({timeoutMs: shutdownTimeoutMs}))
    await dispatcher.start()
  }

  async #announce(store: Store): Promise<void> {
    const {limits, version, log} = this.#options
    const inFlight = () => this.#dispatcher?.inFlight ?? 0
    this.#stops.push(
      await announceProcess(store.processes, {...limits, version, host: hostname(), pid: process.pid, inFlight, log}),
    )
  }
}
