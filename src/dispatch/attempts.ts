import type {Logger} from '../log.js'
import type {Claim, Claimed, Queue} from '../queue/queue.js'
import type {Backoff} from '../task/backoff.js'
import {corruptVerdict, lostLeaseVerdict, verdict} from '../task/verdict.js'
import type {Limits} from '../task/limits.js'
import {Abort} from './abort.js'
import type {Deliverer, Outcome} from './deliver.js'
import type {Flight} from './flight.js'
import type {LeaseKeeper} from './lease-keeper.js'
import type {Settler} from './settler.js'

export interface AttemptsOptions {
  deliverer: Pick<Deliverer, 'deliver'>
  leases: LeaseKeeper
  settler: Settler
  /** What holds for a task that does not say. */
  limits: Limits
  backoff: Backoff
  log: Logger
  /** Called when a call has ended and its place is free. */
  ended: () => void
}

/** The calls of this process: each claimed task is delivered, judged, and handed to the settler. */
export class Attempts {
  readonly #options: AttemptsOptions
  /** How many calls of each lane of each queue run now. */
  readonly #lanes = new Map<Queue, Map<string, number>>()
  #running = 0

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** How many calls run now. */
  get running(): number {
    return this.#running
  }

  /** How many calls of each of the queue's lanes run now; a lane with none is left out. */
  runningLanes(queue: Queue): ReadonlyMap<string, number> | undefined {
    return this.#lanes.get(queue)
  }

  /** Takes over what was claimed. */
  begin(queue: Queue, {claims, corrupt, now}: Claimed): void {
    for (const claim of claims) this.#run(this.#open(queue, claim, now))
    for (const claim of corrupt) this.#buryCorrupt(this.#open(queue, claim, now))
  }

  /** Takes back what dead or stalled processes held. What is held here is not lost: it is extended by the next sweep. */
  async reclaim(queue: Queue, lost: readonly Claim[]): Promise<void> {
    const foreign = lost.filter((claim) => !this.#options.leases.holds(queue, claim))
    const items = foreign.map(({task, run, attempt}) => ({task, attempt, verdict: lostLeaseVerdict(run, attempt)}))
    for (const {task, attempt, verdict} of items) {
      const details = {queue: queue.name, id: task.id, attempt, outcome: verdict.op}
      this.#options.log.warn(details, 'lease_lost: an attempt was abandoned by its process')
    }
    await queue.reclaim(items)
  }

  #open(queue: Queue, claim: Claim, startedAt: number): Flight {
    const {leases} = this.#options
    const flight = {queue, claim, startedAt, extendAt: leases.nextExtension(), abort: new Abort(), lost: false}
    leases.add(flight)
    return flight
  }

  #run(flight: Flight): void {
    const {limits, deliverer} = this.#options
    const {queue, claim, startedAt, abort} = flight
    const {task, attempt} = claim
    const {maxErrors = limits.maxErrors, timeoutMs = limits.timeoutMs} = task
    this.#count(queue, task.flowKey, 1)
    const call = {task, queue: queue.name, attempt, maxErrors, timeoutMs, startedAt}
    void deliverer.deliver(call, abort).then((outcome) => this.#end(flight, maxErrors, outcome))
  }

  #end(flight: Flight, maxErrors: number, outcome: Outcome): void {
    const {backoff, settler, ended} = this.#options
    const {queue, claim, startedAt} = flight
    const {task, run, attempt} = claim
    this.#count(queue, task.flowKey, -1)
    settler.push(flight, verdict(outcome, {run, attempt, startedAt, maxErrors, backoff, random: Math.random()}))
    ended()
  }

  #count(queue: Queue, lane: string, change: 1 | -1): void {
    this.#running += change
    let lanes = this.#lanes.get(queue)
    if (!lanes) this.#lanes.set(queue, (lanes = new Map<string, number>()))
    const count = (lanes.get(lane) ?? 0) + change
    if (count === 0) lanes.delete(lane)
    else lanes.set(lane, count)
  }

  #buryCorrupt(flight: Flight): void {
    const {queue, claim, startedAt} = flight
    this.#options.log.error({queue: queue.name, id: claim.task.id}, 'corrupt: a task cannot be read and is dead')
    this.#options.settler.push(flight, corruptVerdict(claim.run, claim.attempt, startedAt, 'its stored form cannot be read'))
  }
}
