import {clearSocketPath, holdSockets} from '../http/unix-socket.js'
import type {LogOptions, Logger} from '../log.js'
import {settledWithin} from '../settled-within.js'
import {checkOptions} from './check-options.js'
import {type Renewal, renewed} from './renewed.js'
import type {ServeOptions} from './serve.js'
import {type ServeAddress, Service} from './service.js'
import type {WorkerSettings} from './worker-messages.js'
import {WorkerProcess} from './worker-process.js'

export interface SupervisorOptions {
  /** What each worker is. */
  serve: Omit<ServeOptions, 'log'>
  workers: number
  /** Workers end when nothing is left that is due. */
  drain: boolean
  /** The supervisor's own. */
  log: Logger
  workerLog: LogOptions
}

/** A worker that has been up for so long, in ms, is replaced at once when it crashes. */
const steadyMs = 30_000

/** Before that, after a wait, in ms, which doubles with each crash. */
const firstWaitMs = 100
const longestWaitMs = 10_000

/** On top of the shutdown time-out: requests in flight, and last words to Redis, have limits of their own. */
const stopGraceMs = 12_000

/** How long workers may take to give back what runs, in ms. */
const giveUpMs = 1_500

/** `torque serve --workers`: the private Redis where none is named, and processes that share the queues and one port. */
export class Supervisor extends Service {
  #options: SupervisorOptions
  readonly #running = new Set<WorkerProcess>()
  /** Each is a worker and its successors: resolves when there are to be no more of them. */
  #lines: Promise<void>[] = []
  #redisUrl = ''
  #address: ServeAddress | undefined
  /** Named from then on. */
  #port: number | undefined

  constructor(options: SupervisorOptions) {
    super(options)
    this.#options = options
  }

  /** With `drain`: resolves when no worker finds anything due any more. */
  async drained(): Promise<void> {
    await Promise.all(this.#lines)
  }

  /** All workers, and those to come, go by these tokens and this certificate. */
  renew(renewal: Renewal): void {
    this.#options = {...this.#options, serve: renewed(this.#options.serve, renewal)}
    for (const worker of this.#running) worker.renew(renewal)
  }

  /** One of them is there to work. */
  get isAlive(): boolean {
    return [...this.#running].some(({isReady}) => isReady)
  }

  /** Has all workers give back what runs, and kills those that are still there after a moment. */
  async giveUp(): Promise<void> {
    const workers = [...this.#running]
    for (const worker of workers) worker.giveUp()
    await settledWithin(giveUpMs, Promise.all(workers.map(({ended}) => ended)))
    for (const worker of this.#running) worker.kill()
  }

  protected async startParts(): Promise<ServeAddress> {
    const {serve, workers} = this.#options
    checkOptions(serve)
    this.#redisUrl = await this.startRedis(serve.redis)
    if (serve.http?.socket) {
      await clearSocketPath(serve.http.socket.path)
      // It is this process that makes it, when the first worker asks for it.
      holdSockets()
    }
    this.stops.push(() => this.#stopWorkers())
    const first = this.#fork()
    const others = Array.from({length: workers - 1}, () => this.#fork())
    // The first one tries everything out, so that what cannot start is told once. The others load their code meanwhile.
    this.#address = await this.unlessStopped(this.#start(first))
    await this.unlessStopped(Promise.all(others.map((worker) => this.#start(worker))))
    this.#lines = [first, ...others].map((worker) => this.#keepUp(worker))
    return this.#address
  }

  /** Replaces a worker that ends by itself, and then its successors, until one has drained or all are to stop. */
  async #keepUp(first: WorkerProcess): Promise<void> {
    const {drain, log} = this.#options
    for (let worker = first, waitMs = 0; ; worker = this.#replacement()) {
      const upAt = performance.now()
      const {isOrderly, how} = await worker.ended
      if (this.isStopping || (isOrderly && drain)) return
      waitMs = performance.now() - upAt > steadyMs ? 0 : Math.min(longestWaitMs, Math.max(firstWaitMs, 2 * waitMs))
      log[isOrderly ? 'info' : 'error']({pid: worker.pid, how, waitMs}, 'a worker ended; another takes its place')
      await settledWithin(waitMs, this.stopRequested)
      if (this.isStopping) return
    }
  }

  #replacement(): WorkerProcess {
    const {log} = this.#options
    const worker = this.#fork()
    this.#start(worker).then(
      () => log.info({pid: worker.pid}, 'a worker is ready'),
      (error: unknown) => this.isStopping || log.error({pid: worker.pid, err: error}, 'a worker could not start'),
    )
    return worker
  }

  #fork(): WorkerProcess {
    const worker = new WorkerProcess()
    this.#running.add(worker)
    void worker.ended.then(() => this.#running.delete(worker))
    return worker
  }

  #start(worker: WorkerProcess): Promise<ServeAddress> {
    return worker.start(() => this.#settings())
  }

  #settings(): WorkerSettings {
    const {serve, drain, workerLog} = this.#options
    const http = serve.http && {...serve.http, port: this.#portToAskFor(serve.http.port)}
    const isFirst = this.#address === undefined
    return {
      serve: {...serve, http, redis: {url: this.#redisUrl}, tellsOfRedis: isFirst, clearsSocket: false},
      drain,
      log: workerLog,
    }
  }

  /** Who asks for any free port gets the one that the others listen on; with none of them left, that one has to be named. */
  #portToAskFor(port: number | undefined): number | undefined {
    const isAlone = ![...this.#running].some(({isReady}) => isReady)
    if (isAlone && this.#address?.url && port === 0) this.#port = Number(new URL(this.#address.url).port)
    return this.#port ?? port
  }

  async #stopWorkers(): Promise<void> {
    const {serve, log} = this.#options
    const stop = async (worker: WorkerProcess) => {
      const isInTime = await worker.stop(serve.shutdownTimeoutMs + stopGraceMs)
      if (!isInTime) log.error({pid: worker.pid}, 'a worker did not stop in time and was killed')
    }
    await Promise.all([...this.#running].map(stop))
  }
}
