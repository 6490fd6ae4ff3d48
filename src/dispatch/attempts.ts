import type {Logger} from '../log.js'
import type {Claim, Claimed, Queue} from '../queue/queue.js'
import {withCallback} from '../task/callback.js'
import type {Policy} from '../task/policy.js'
import {corruptVerdict, expiredVerdict, isLastAttempt, isTooOld, type Verdict, verdict} from '../task/verdict.js'
import {Abort} from './abort.js'
import type {Deliverer, Outcome} from './deliver.js'
import type {Flight} from './flight.js'
import {KnownTargets} from './known-targets.js'
import {logEnd} from './log-end.js'
import {LaneCounts} from './lane-counts.js'
import type {LeaseKeeper} from './lease-keeper.js'
import {placesForStrangers, reserveShare} from './places.js'
import {Policies} from './policies.js'
import {reclaimLost} from './reclaim-lost.js'
import type {Settler} from './settler.js'

/** What was claimed ahead of its place is given back after this long without one, in ms: another process may have places. */
const longestWaitMs = 1_000

/** A task that a later version of torque wrote is put back for so long: another process may be able to read it. */
const laterWaitMs = 30_000
/** And that is said so often. */
const laterSaidEveryMs = 60_000

export interface AttemptsOptions {
  /** Most calls at once. */
  concurrency: number
  /** Most active tasks of one lane over all processes, unless its queue says; 0: none holds more places of a process than it leaves free. */
  laneConcurrency: number
  deliverer: Pick<Deliverer, 'deliver'>
  leases: LeaseKeeper
  settler: Settler
  /** What holds for a task that does not say, and whose queue does not. */
  policy: Policy
  log: Logger
  /** Called when a call has ended and its place is free. */
  ended: () => void
}

/** The calls of this process: each claimed task is delivered as soon as it has a place, judged, and handed to the settler. */
export class Attempts {
  readonly #options: AttemptsOptions
  readonly #runningLanes = new LaneCounts<Queue>()
  readonly #lanesInHand = new LaneCounts<Queue>()
  readonly #policies: Policies
  readonly #places: ReturnType<typeof placesForStrangers>
  readonly #known = new KnownTargets()
  #running = 0
  /** Of those that run, and of those in hand: their targets were not known to answer when they were claimed. */
  #runningStrangers = 0
  #strangersInHand = 0
  /** Claimed ahead: their places were not free yet. */
  #waiting: Flight[] = []
  #laterSaidAt = -Infinity

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.#policies = new Policies(options)
    this.#places = placesForStrangers(options.concurrency)
  }

  /** How many calls run now. */
  get running(): number {
    return this.#running
  }

  /** How many calls run now or wait for a place. */
  get inHand(): number {
    return this.#running + this.#waiting.length
  }

  /** How many of them are to targets that were not known to answer. */
  get strangersInHand(): number {
    return this.#strangersInHand
  }

  /** How many calls of each of the queue's lanes run now or wait for a place; a lane with none is left out. */
  lanesInHand(queue: Queue): ReadonlyMap<string, number> | undefined {
    return this.#lanesInHand.of(queue)
  }

  /** Takes over what was claimed. */
  begin(queue: Queue, {claims, corrupt, later, now, settings, isPaused}: Claimed): void {
    const claimedAt = performance.now()
    this.#policies.learn(queue, settings)
    if (isPaused) this.giveBack({of: queue})
    for (const claim of claims) {
      const flight = this.#open(queue, claim, claimedAt, now)
      this.#lanesInHand.change(queue, claim.task.flowKey, 1)
      if (flight.isStranger) this.#strangersInHand += 1
      if (this.#waiting.length === 0 && this.#mayStart(flight)) this.#start(flight)
      else this.#waiting.push(flight)
    }
    for (const claim of corrupt) this.#buryCorrupt(this.#open(queue, claim, claimedAt, now))
    for (const claim of later) this.#putBackLater(this.#open(queue, {...claim, dueAt: now + laterWaitMs}, claimedAt, now))
    this.#startWaiting()
  }

  /** Gives back what has waited too long for a place, or `all` that waits, or all `of` a queue. */
  giveBack({all = false, of}: {all?: boolean; of?: Queue} = {}): void {
    const until = all ? Infinity : performance.now() - longestWaitMs
    const given = this.#waiting.filter(({queue, claimedAt}) => (of ? queue === of : claimedAt <= until))
    if (given.length > 0) this.#waiting = this.#waiting.filter((flight) => !given.includes(flight))
    for (const flight of given) this.#giveBackOne(flight)
  }

  /** Tasks of this queue were purged: those that wait for a place here are not to be called any more. */
  checkWaiting(queue: Queue): Promise<void> {
    return this.#options.leases.renew(this.#waiting.filter((flight) => flight.queue === queue))
  }

  /** Takes back what dead or stalled processes held. What is held here is not lost: it is extended by the next sweep. */
  reclaim(queue: Queue, lost: readonly Claim[]): Promise<void> {
    const {leases, log} = this.#options
    return reclaimLost(queue, lost, {leases, log, telling: (...told) => this.#telling(...told)})
  }

  #open(queue: Queue, claim: Claim, claimedAt: number, startedAt: number): Flight {
    const {leases} = this.#options
    const isStranger = !this.#known.has(queue, claim.task.flowKey)
    const extendAt = leases.nextExtension()
    const flight = {queue, claim, claimedAt, startedAt, extendAt, abort: new Abort(), lost: false, isStranger}
    leases.add(flight)
    return flight
  }

  /** As claim.lua shares out places among lanes: none holds more than it leaves free, but for the first of each. */
  #mayStart(flight: Flight): boolean {
    const {queue, claim} = flight
    const {concurrency} = this.#options
    if (this.#running >= concurrency) return false
    const running = this.#runningLanes.get(queue, claim.task.flowKey)
    if (this.#isStranger(flight) && this.#runningStrangers >= this.#places[running === 0 ? 'strangers' : 'suspects']) return false
    if (this.#policies.laneConcurrency(queue) > 0) return true
    return running === 0 || this.#running + running < concurrency * (1 - reserveShare)
  }

  /** Its target may have answered another call since it was claimed. */
  #isStranger(flight: Flight): boolean {
    if (!flight.isStranger || !this.#known.has(flight.queue, flight.claim.task.flowKey)) return flight.isStranger
    this.#strangersInHand -= 1
    flight.isStranger = false
    return false
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#running < this.#options.concurrency) {
      const at = this.#waiting.findIndex((flight) => this.#mayStart(flight))
      if (at < 0) return
      const flight = this.#waiting.splice(at, 1)[0]!
      flight.startedAt += Math.round(performance.now() - flight.claimedAt)
      if (this.#options.leases.isSafe(flight)) this.#start(flight)
      else this.#giveBackOne(flight)
    }
  }

  #giveBackOne(flight: Flight): void {
    this.#leave(flight)
    this.#release(flight)
  }

  /** It is no longer in hand. */
  #leave({queue, claim, isStranger}: Flight): void {
    this.#lanesInHand.change(queue, claim.task.flowKey, -1)
    if (isStranger) this.#strangersInHand -= 1
  }

  /** Without a call. Its attempt counts all the same: a later one under its number could be settled by this release, sent twice. */
  #release(flight: Flight): void {
    const {run, attempt} = flight.claim
    this.#options.settler.push(flight, {op: 'release', run: {...run, attempts: attempt}})
  }

  #putBackLater(flight: Flight): void {
    this.#release(flight)
    const now = performance.now()
    if (now - this.#laterSaidAt < laterSaidEveryMs) return
    this.#laterSaidAt = now
    const details = {queue: flight.queue.name, id: flight.claim.task.id}
    this.#options.log.warn(details, 'later_version: a task of a later version of torque is put back, as all such tasks are')
  }

  #start(flight: Flight): void {
    const {queue, claim, startedAt, abort} = flight
    const {task, attempt, run, dueAt} = claim
    const policy = this.#policies.of(queue, task)
    if (isTooOld(run, policy, {now: startedAt, dueAt})) return this.#buryExpired(flight, policy)
    const {maxErrors, timeoutMs} = policy
    this.#running += 1
    if (flight.isStranger) this.#runningStrangers += 1
    this.#runningLanes.change(queue, task.flowKey, 1)
    const isLast = isLastAttempt({run, policy, startedAt, dueAt})
    const call = {task, queue: queue.name, attempt, maxErrors, isLast, timeoutMs, startedAt}
    void this.#options.deliverer.deliver(call, abort).then((outcome) => this.#end(flight, outcome))
  }

  #end(flight: Flight, outcome: Outcome): void {
    const {settler, ended} = this.#options
    const {queue, claim, startedAt, isStranger} = flight
    const {task, run, attempt, dueAt} = claim
    this.#running -= 1
    if (isStranger) this.#runningStrangers -= 1
    this.#runningLanes.change(queue, task.flowKey, -1)
    this.#leave(flight)
    const policy = this.#policies.of(queue, task)
    const judged = verdict(outcome, {run, attempt, startedAt, dueAt, policy, random: Math.random()})
    if (judged.op !== 'complete' || task.headers['traceparent'] !== undefined) logEnd(this.#options.log, flight, judged)
    settler.push(flight, this.#telling(flight, judged, startedAt + outcome.durationMs), {isProof: this.#proves(flight, judged)})
    this.#startWaiting()
    ended()
  }

  /** The verdict, and where it is an end, who is to be told of it. */
  #telling({queue, claim}: Pick<Flight, 'queue' | 'claim'>, judged: Verdict, endedAt: number): Verdict {
    if (judged.op === 'retry' || judged.op === 'release') return judged
    const policy = this.#policies.of(queue, claim.task)
    if (!policy.onDelivered && !policy.onDead) return judged
    return withCallback(judged, {task: claim.task, queue: queue.name, policy, endedAt})
  }

  #buryExpired(flight: Flight, policy: Policy): void {
    const {claim, startedAt} = flight
    this.#leave(flight)
    const judged = expiredVerdict(claim.run, claim.attempt, startedAt, policy)
    this.#options.settler.push(flight, this.#telling(flight, judged, startedAt))
  }

  /** True where Redis is to note that the target answers. */
  #proves({queue, claim}: Flight, {target}: Verdict): boolean {
    if (target && target !== 'answered') this.#known.forget(queue, claim.task.flowKey)
    return target === 'answered' && this.#known.note(queue, claim.task.flowKey)
  }

  #buryCorrupt(flight: Flight): void {
    const {queue, claim, startedAt} = flight
    this.#options.log.error({queue: queue.name, id: claim.task.id}, 'corrupt: a task cannot be read and is dead')
    this.#options.settler.push(flight, corruptVerdict(claim.run, claim.attempt, startedAt, 'its stored form cannot be read'))
  }
}
