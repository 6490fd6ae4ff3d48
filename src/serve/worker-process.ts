import cluster, {type Worker} from 'node:cluster'

import {TorqueError} from '../errors.js'
import type {Renewal} from './renewed.js'
import type {ServeAddress} from './service.js'
import type {FromWorker, StartOutcome, ToWorker, WorkerSettings} from './worker-messages.js'

/** How a process ended. */
export interface ProcessEnd {
  /** It stopped in order. */
  isOrderly: boolean
  /** `SIGKILL`, `exit 1`, or why there was no process. */
  how: string
}

/** A worker, as its supervisor sees it. It loads its code at once, and waits to be told what to be. */
export class WorkerProcess {
  readonly ended: Promise<ProcessEnd>
  readonly #worker: Worker
  readonly #isThere: Promise<void>
  readonly #outcome: Promise<StartOutcome>
  #hasSettings = false
  #isReady = false

  constructor() {
    // All of them take connections from the one port. Handing each over from here costs more than what is asked over it.
    cluster.schedulingPolicy = cluster.SCHED_NONE
    // The program that runs here, whichever led to `serve`, does so once more; the flag is for it, and for readers of `ps`.
    cluster.setupPrimary({args: ['serve', '--worker']})
    this.#worker = cluster.fork()
    this.ended = endOf(this.#worker)
    this.#isThere = new Promise((resolve) => {
      this.#worker.on('message', (message: FromWorker) => void (message === 'hello' && resolve()))
    })
    this.#outcome = new Promise((resolve) => {
      this.#worker.on('message', (message: FromWorker) => void (message !== 'hello' && resolve(message)))
    })
  }

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  /** It has started, and may have ended since. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Tells it what to be, as of when it is there to listen. Throws what kept it from starting. */
  async start(settings: () => WorkerSettings): Promise<ServeAddress> {
    await Promise.race([this.#isThere, this.ended])
    this.#hasSettings = true
    this.#tell(settings())
    const outcome = await Promise.race([this.#outcome, this.ended])
    if ('how' in outcome) throw new TorqueError('failed', `a worker ended before it was ready (${outcome.how})`)
    if ('error' in outcome) throw new TorqueError(outcome.error.code, outcome.error.message, outcome.error)
    this.#isReady = true
    return outcome
  }

  /** Has it stop in order. Resolves when it has ended: to false when it took longer than `withinMs`, and was killed. */
  async stop(withinMs: number): Promise<boolean> {
    // One that does not know yet what to be has nothing to put in order.
    if (this.#hasSettings) this.#tell('stop')
    else this.kill()
    let isInTime = true
    const timer = setTimeout(() => {
      isInTime = false
      this.kill()
    }, withinMs)
    await this.ended
    clearTimeout(timer)
    return isInTime
  }

  /** One that does not know yet what to be will be told so with all the rest. */
  renew(renewal: Renewal): void {
    if (this.#hasSettings) this.#tell({renewal})
  }

  /** Has it give back what runs, in a moment. */
  giveUp(): void {
    if (this.#hasSettings) this.#tell('give up')
    else this.kill()
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL')
  }

  /** One that has just ended cannot be told, and needs not be. */
  #tell(message: ToWorker): void {
    this.#worker.send(message, () => {})
  }
}

function endOf(worker: Worker): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    worker.once('exit', (code, signal) => resolve({isOrderly: code === 0, how: signal ?? `exit ${code}`}))
    worker.on('error', ({message}) => {
      // The system has no room for one more process, say.
      if (worker.process.pid === undefined) resolve({isOrderly: false, how: message})
    })
  })
}
