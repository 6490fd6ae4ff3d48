import type {Logger} from '../log.js'
import type {Queue} from '../queue/queue.js'
import {Schedules} from '../queue/schedules.js'
import type {Store} from '../queue/store.js'
import {writeTally} from '../queue/tallies.js'
import {settledWithin} from '../settled-within.js'
import type {Policy} from '../task/policy.js'
import {Attempts} from './attempts.js'
import {ClaimLoop} from './claim-loop.js'
import type {Deliverer} from './deliver.js'
import {LeaseKeeper} from './lease-keeper.js'
import {Outage} from './outage.js'
import {Outcomes} from './outcomes.js'
import {Scheduler} from './scheduler.js'
import {type Pending, Settler} from './settler.js'
import {Sweeper} from './sweeper.js'

export interface DispatcherOptions {
  store: Store
  deliverer: Pick<Deliverer, 'deliver'>
  /** Absent: every queue there is, and comes to be. */
  queues?: readonly string[] | undefined
  /** Most calls at once in this process. */
  concurrency: number
  /** Most active tasks of one lane over all processes; 0: no lane holds more places of a process than it leaves free. */
  laneConcurrency: number
  leaseMs: number
  keepDelivered: number
  /** Absent: dead tasks stay until they are purged. */
  keepDeadMs?: number | undefined
  /** What holds for a task that does not say. */
  policy: Policy
  log: Logger
}

/** How long the last steps of a stop may wait for a Redis that keeps silent, each, in ms. */
const graceMs = 1_000
/** Queues are polled every few seconds, and a Redis that is away is tried as often: after so long without, something hangs. */
const stuckMs = 30_000

/** Claims due tasks into free places, has them delivered, and has what came of it settled. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #leases: LeaseKeeper
  readonly #attempts: Attempts
  readonly #settler: Settler
  readonly #loop: ClaimLoop
  readonly #sweeper: Sweeper
  readonly #scheduler: Scheduler
  readonly #outcomes: Outcomes
  #wakes: {stop(): void} | undefined
  #stopping: Promise<void> | undefined
  #onDrained: (() => void) | undefined
  #drained: Promise<void> | undefined
  /** Until when what runs may finish, once it stops. */
  #deadline = Infinity
  /** When it last claimed, or tried to, by this process's monotonic clock. */
  #restedAt = performance.now()

  constructor(options: DispatcherOptions) {
    const {leaseMs, keepDelivered, keepDeadMs, log, store} = options
    const outage = new Outage(log)
    // The claim loop sees to the return of Redis, at once.
    const away = (error: unknown) => {
      outage.begin(error)
      this.#loop.wakeAll()
    }
    this.#options = options
    this.#leases = new LeaseKeeper({leaseMs, log, existing: (queue, ids) => this.#existing(queue, ids)})
    this.#settler = new Settler({
      keepDelivered,
      outage,
      log,
      away,
      isQuiet: () => this.#attempts.running === 0,
      settled: (settled, late) => this.#settled(settled, late),
    })
    this.#attempts = new Attempts({...options, leases: this.#leases, settler: this.#settler, ended: () => this.#loop.ended()})
    this.#loop = new ClaimLoop({
      ...options,
      outage,
      inHand: () => this.#attempts.inHand,
      strangersInHand: () => this.#attempts.strangersInHand,
      lanesInHand: (queue) => this.#attempts.lanesInHand(queue),
      claiming: () => this.#settler.writeAlong(),
      begin: (queue, claimed) => this.#attempts.begin(queue, claimed),
      reclaim: (queue, lost) => this.#attempts.reclaim(queue, lost),
      recover: () => this.#recover(),
      rested: () => this.#rested(),
    })
    this.#sweeper = new Sweeper({
      everyMs: Math.min(1_000, leaseMs / 6),
      log,
      learn: () => this.#learnQueues(),
      extend: () => this.#extend(),
      prune: keepDeadMs === undefined ? undefined : (name) => store.queue(name).pruneDead(keepDeadMs),
      away,
      // Once it has stopped to claim, nothing else looks after the return of Redis.
      isAway: () => outage.isOn && !this.#stopping,
    })
    this.#outcomes = new Outcomes({
      write: ({name}, tally) => writeTally(store.context(name), tally),
      publish: (notes) => store.publishOutcomes(notes),
      log,
    })
    this.#scheduler = new Scheduler({
      queues: () => this.#scheduledQueues(),
      schedules: (queue) => new Schedules(store, queue),
      added: (queue) => this.wake(queue),
      log,
    })
  }

  /** How many tasks are in hand here. */
  get inFlight(): number {
    return this.#leases.size
  }

  /** It goes on looking for tasks, or for a Redis that is away. */
  get isAlive(): boolean {
    return this.#stopping !== undefined || performance.now() - this.#restedAt < stuckMs
  }

  /** Begins to claim. Throws `redis_unavailable`. */
  async start(): Promise<void> {
    const {queues, store} = this.#options
    this.#wakes = await store.onWake((queue) => this.wake(queue), {
      missed: () => {
        this.#loop.wakeAll()
        this.#scheduler.wake()
      },
      schedules: () => this.#scheduler.wake(),
      settings: (queue) => this.#loop.lookAnew(queue),
      purged: (queue) => {
        // What that cannot find out now, the next sweep does.
        this.#attempts.checkWaiting(store.queue(queue)).catch(() => {})
        this.wake(queue)
      },
      watched: () => this.#outcomes.watched(),
    })
    this.#loop.start(queues ?? (await store.queueNames()))
    this.#sweeper.start()
    this.#scheduler.wake()
  }

  /** Says that a queue has something new to do. */
  wake(queue: string): void {
    this.#loop.wake(queue)
  }

  /** Resolves when nothing is due any more and nothing is in hand here. */
  drained(): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      this.#onDrained = resolve
      this.#checkDrained()
    })
    return this.#drained
  }

  /** Claims no more, lets what runs finish for `timeoutMs`, gives the rest back, and writes every verdict it can. Idempotent. */
  stop({timeoutMs}: {timeoutMs: number}): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs)
    return this.#stopping
  }

  /** Ends every call and gives its task back. Resolves when that is written, or after a second. Never throws. */
  async giveUp(): Promise<void> {
    this.#deadline = 0
    await settledWithin(graceMs, this.stop({timeoutMs: 0}))
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#deadline = Math.min(this.#deadline, performance.now() + timeoutMs)
    this.#wakes?.stop()
    await settledWithin(Math.max(timeoutMs, graceMs), Promise.all([this.#scheduler.stop(), this.#loop.stop()]))
    this.#attempts.giveBack({all: true})
    await this.#landAll(() => this.#deadline)
    this.#leases.abortAll()
    const lastly = performance.now() + graceMs
    await this.#landAll(() => lastly)
    await settledWithin(graceMs, Promise.all([this.#sweeper.stop(), this.#outcomes.flush()]))
    if (this.#leases.size > 0) this.#options.log.warn({tasks: this.#leases.size}, 'some tasks are left to their leases')
  }

  /** Waits until nothing is in hand, at most until the deadline; leases are extended meanwhile. */
  async #landAll(deadline: () => number): Promise<void> {
    while (this.#leases.size > 0 && performance.now() < deadline()) {
      // What Redis does not take now it is offered again: the way out is the deadline.
      await settledWithin(deadline() - performance.now(), this.#settler.flush())
      if (this.#leases.size > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  #extend(): Promise<void> {
    this.#attempts.giveBack()
    return this.#leases.extend()
  }

  async #existing(queue: Queue, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const records = await this.#options.store.inspector.find(ids, {queue: queue.name})
    return new Set(records.map(({task}) => task.id))
  }

  async #recover(): Promise<void> {
    await this.#settler.flush()
    await this.#leases.extend({all: true})
  }

  async #learnQueues(): Promise<readonly string[]> {
    const {queues, store} = this.#options
    const names = queues ?? (await store.queueNames())
    for (const name of names) this.#loop.open(name)
    return names
  }

  async #scheduledQueues(): Promise<readonly string[]> {
    const {queues, store} = this.#options
    const scheduled = await store.scheduledQueues()
    return queues ? scheduled.filter((name) => queues.includes(name)) : scheduled
  }

  #settled(settled: readonly Pending[], late: readonly Pending[]): void {
    this.#outcomes.note(late.length === 0 ? settled : settled.filter((pending) => !late.includes(pending)))
    for (const {flight} of settled) this.#leases.delete(flight)
    // A lane that was full over all processes has room again; and what was given back, or is tried again, is due some time.
    const isNews = ({verdict}: Pending) => this.#options.laneConcurrency > 0 || verdict.op === 'retry' || verdict.op === 'release'
    for (const name of new Set(settled.filter(isNews).map(({flight}) => flight.queue.name))) this.wake(name)
    this.#checkDrained()
  }

  #rested(): void {
    this.#restedAt = performance.now()
    // A verdict that came while the return of Redis was seen to has nobody else to write it.
    this.#settler.gather()
    this.#checkDrained()
  }

  #checkDrained(): void {
    if (this.#leases.size === 0 && !this.#loop.isBusy) this.#onDrained?.()
  }
}
