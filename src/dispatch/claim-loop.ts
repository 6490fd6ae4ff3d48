import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'
import type {Claim, Claimed, Queue} from '../queue/queue.js'
import type {Store} from '../queue/store.js'
import {allDone} from './all-done.js'
import {Desk} from './desk.js'
import {LeaseWatch} from './lease-watch.js'
import type {Outage} from './outage.js'
import {type Places, reserveShare, shareOut} from './places.js'

export interface ClaimLoopOptions {
  store: Store
  /** Absent: every queue there is, and comes to be. */
  queues?: readonly string[] | undefined
  /** Most calls at once in this process. */
  concurrency: number
  /** Most active tasks of one lane over all processes, unless its queue says; 0: no lane holds more places of a process than it leaves free. */
  laneConcurrency: number
  leaseMs: number
  outage: Outage
  log: Logger
  /** How many calls run or wait for a place. */
  inHand: () => number
  /** How many of them are to targets that were not known to answer. */
  strangersInHand: () => number
  /** How many of them there are of each of the queue's lanes. */
  lanesInHand: (queue: Queue) => ReadonlyMap<string, number> | undefined
  /** Verdicts that wait for company may go along with a claim. */
  claiming: () => void
  /** Takes over what was claimed. */
  begin: (queue: Queue, claimed: Claimed) => void
  /** Takes back tasks whose lease ran out. */
  reclaim: (queue: Queue, lost: Claim[]) => Promise<void>
  /** Settles and extends what is in hand, when Redis is back. */
  recover: () => Promise<void>
  /** After each round. */
  rested: () => void
}

/** Under load, places are filled a quarter at a time, or when this long has passed: a script call for each would be dear. */
const gatherShare = 0.5
const gatherMs = 2
const lostLimit = 100
/** While calls end, tasks are claimed ahead of their places: as many as ended since the last claim, this part of them at most. */
const aheadShare = 0.5
/** Node fires a timer beyond 2^31 ms at once; what is due is for Redis to say anyway. */
const longestSleepMs = 60_000

/** Decides when to claim, and from which queues: on a wake-up, at the next due time, when a call ends, and every second. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions
  readonly #watch: LeaseWatch
  /** Who claimed last stands last. */
  readonly #desks = new Map<string, Desk>()
  #round: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #gathering = false
  #isRunning = false
  /** Calls that have ended since the last round: room for lanes that were passed over. */
  #ended = 0

  constructor(options: ClaimLoopOptions) {
    this.#options = options
    this.#watch = new LeaseWatch(options)
  }

  /** True while a queue has something due that could be claimed, as far as is known here. */
  get isBusy(): boolean {
    const now = performance.now()
    return this.#round !== undefined || [...this.#desks.values()].some((desk) => this.#wants(desk, now) || desk.isHeld(now))
  }

  start(names: readonly string[]): void {
    this.#isRunning = true
    for (const name of names) this.open(name)
    this.kick()
  }

  /** Claims no more. Resolves when the last claim has been answered. */
  async stop(): Promise<void> {
    this.#isRunning = false
    clearTimeout(this.#timer)
    await this.#round
  }

  /** Says that a queue has something new to do. */
  wake(name: string): void {
    this.open(name)?.wake()
    this.kick()
  }

  /** Says that a queue has other settings. */
  lookAnew(name: string): void {
    this.open(name)?.lookAnew()
    this.kick()
  }

  /** Says that any queue may have something new to do. */
  wakeAll(): void {
    for (const desk of this.#desks.values()) desk.wake()
    this.kick()
  }

  /** Looks after a queue from now on, unless it is none of ours. */
  open(name: string): Desk | undefined {
    const {queues, store} = this.#options
    if (queues && !queues.includes(name)) return undefined
    let desk = this.#desks.get(name)
    if (!desk) {
      desk = new Desk(store.queue(name))
      this.#desks.set(name, desk)
    }
    return desk
  }

  /** Says that a call has ended, and its place is free. */
  ended(): void {
    this.#ended += 1
    // Without a place there is nothing to claim, and the timer of the polls runs.
    if (this.#places() > 0) this.kick()
  }

  /** Claims now if there is reason and room to, or sets the timer for when there will be. */
  kick(): void {
    if (!this.#isRunning || this.#round) return
    const enough = this.#options.concurrency * gatherShare
    if (this.#gathering && this.#ended < enough) return
    const waitMs = this.#waitMs(enough)
    clearTimeout(this.#timer)
    this.#gathering = waitMs > 0 && waitMs <= gatherMs
    if (waitMs <= 0) this.#start()
    else this.#timer = setTimeout(() => this.#start(), waitMs)
  }

  /** How many tasks to claim ahead of their places. None where calls hang: none of them ends. */
  #ahead(): number {
    const {concurrency} = this.#options
    // Without places kept apart, what waits for a lane that hangs could take the last one.
    if (concurrency * reserveShare < 1) return 0
    return Math.min(this.#ended, Math.floor(concurrency * aheadShare))
  }

  #places(): number {
    return this.#options.concurrency - this.#options.inHand() + this.#ahead()
  }

  #waitMs(enough: number): number {
    const now = performance.now()
    const desks = [...this.#desks.values()]
    if (desks.some((desk) => desk.isPolled(now))) return 0
    const free = this.#places()
    if (free > 0 && desks.some((desk) => desk.isDue(now))) return free < enough ? gatherMs : 0
    if (free > 0 && this.#ended > 0 && desks.some((desk) => desk.isPassedOver)) return this.#ended < enough ? gatherMs : 0
    // With no place free only the polls go on: a call that ends kicks again.
    const next = desks.map((desk) => (free > 0 ? desk.nextAt : desk.pollAt))
    return Math.min(longestSleepMs, Math.max(1, Math.ceil(Math.min(...next) - now)))
  }

  /** It has, or may have, something that this process could take. */
  #wants(desk: Desk, now: number): boolean {
    return desk.isDue(now) || desk.isPolled(now) || (desk.isPassedOver && this.#ended > 0)
  }

  #start(): void {
    this.#gathering = false
    this.#round ??= this.#claim().finally(() => {
      this.#round = undefined
      this.#options.rested()
      this.kick()
    })
  }

  async #claim(): Promise<void> {
    const {outage, log} = this.#options
    try {
      if (outage.isOn) await this.#recover()
      // It may have been told to stop meanwhile.
      if (this.#isRunning) await this.#claimFromAll()
      outage.allIsWell()
    } catch (error) {
      const waitMs = outage.fail(error)
      log.debug({err: error, retryMs: Math.round(waitMs)}, 'a claim failed and is made again')
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }

  /** The free places are shared out among the queues, the first to who claimed longest ago; what is left over is for the next round. */
  async #claimFromAll(): Promise<void> {
    const now = performance.now()
    const desks = [...this.#desks.values()].filter((desk) => this.#wants(desk, now))
    const {concurrency, inHand, strangersInHand, claiming} = this.#options
    const hands = {concurrency, inHand: inHand(), strangersInHand: strangersInHand(), ahead: this.#ahead()}
    const shares = shareOut(hands, desks.length)
    this.#ended = 0
    claiming()
    const claims = desks.map((desk, index) => {
      const places = shares[index]!
      return places.limit > 0 || desk.isPolled(now) ? this.#tryClaim(desk, places) : Promise.resolve()
    })
    await allDone(claims)
  }

  /** First what is in hand is settled and extended: an outage makes no second call. */
  async #recover(): Promise<void> {
    const {store, outage, recover} = this.#options
    await store.ping()
    await recover()
    this.#watch.begin()
    outage.end()
  }

  /** Throws only what concerns all queues: one whose data Redis cannot work with must not stop the others. */
  async #tryClaim(desk: Desk, places: Places): Promise<void> {
    try {
      await this.#claimFrom(desk, places)
    } catch (error) {
      if (!(error instanceof TorqueError) || error.code !== 'internal') throw error
      desk.claimed({nextDueMs: null, passedOver: false, isEmpty: false, heldMs: 0, polled: true}, performance.now())
      this.#options.log.error({err: error, queue: desk.queue.name}, 'this queue cannot be claimed from')
    }
  }

  async #claimFrom(desk: Desk, places: Places): Promise<void> {
    const {leaseMs, laneConcurrency, lanesInHand, begin, reclaim} = this.#options
    const polled = desk.isPolled(performance.now())
    const most = polled && !desk.isEmpty && (await this.#watch.mayReclaim(desk.queue)) ? lostLimit : 0
    desk.asked()
    const running = lanesInHand(desk.queue)
    const claimed = await desk.queue.claim({...places, leaseMs, laneConcurrency, running, lostLimit: most})
    const more = most > 0 && claimed.lost.length === most
    desk.claimed({...claimed, polled: polled && !more}, performance.now())
    begin(desk.queue, claimed)
    if (claimed.claims.length > 0) this.#moveToEnd(desk)
    if (claimed.lost.length === 0) return
    await reclaim(desk.queue, claimed.lost)
    desk.wake()
  }

  #moveToEnd(desk: Desk): void {
    this.#desks.delete(desk.queue.name)
    this.#desks.set(desk.queue.name, desk)
  }
}
