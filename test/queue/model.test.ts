import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {TorqueError} from '../../src/errors.js'
import type {AddResult, Claim} from '../../src/queue/queue.js'
import {type NewTask, taskStates} from '../../src/task/task.js'
import {bury, complete, leaseMs, lose, release, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {QueueModel} from '../support/queue-model.js'
import {type StoredQueue, readQueue} from '../support/stored-queue.js'
import {aTask} from '../support/tasks.js'

const lanes = ['one', 'two', 'three']
const dedupKeys = ['k:a', 'k:b', 'k:c']

const ms = fc.oneof(fc.constant(0), fc.integer({min: 1, max: 5000}))
/** Picks from whatever there is when its turn comes. */
const picks = fc.array(fc.nat(), {minLength: 1, maxLength: 4})
const states = fc.oneof(fc.constant([...taskStates]), fc.subarray([...taskStates], {minLength: 1}))

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      verb: fc.constant('add'),
      lane: fc.constantFrom(...lanes),
      delayMs: ms,
      dedupKeys: fc.oneof({weight: 3, arbitrary: fc.constant<string[]>([])}, fc.subarray(dedupKeys)),
      fingerprint: fc.constantFrom('same', 'same', 'other'),
    }),
  },
  {weight: 1, arbitrary: fc.record({verb: fc.constant('resend'), picks})},
  {weight: 5, arbitrary: fc.record({verb: fc.constant('claim'), limit: fc.integer({min: 0, max: 5})})},
  {
    weight: 6,
    arbitrary: fc.record({
      verb: fc.constant('settle'),
      picks,
      op: fc.constantFrom('complete', 'retry', 'bury', 'release'),
      waitMs: ms,
      keepDelivered: fc.constantFrom(0, 2, 100),
    }),
  },
  {weight: 1, arbitrary: fc.record({verb: fc.constant('extend'), picks})},
  {weight: 2, arbitrary: fc.record({verb: fc.constant('reclaim'), picks, bury: fc.boolean()})},
  {weight: 2, arbitrary: fc.record({verb: fc.constant('revive'), picks, states})},
  {weight: 1, arbitrary: fc.record({verb: fc.constant('purge'), picks, states})},
  {weight: 4, arbitrary: fc.record({verb: fc.constant('advance'), ms: fc.oneof(ms, fc.constant(leaseMs))})},
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** A queue in Redis and what it should be, moved together. */
class Pair {
  readonly model: QueueModel
  readonly #opened
  readonly #laneConcurrency: number
  readonly #made: NewTask[] = []
  /** Every claim there ever was: most are stale. */
  readonly #claims: Claim[] = []

  constructor(opened: Awaited<ReturnType<typeof openTestStore>>, laneConcurrency: number) {
    this.#opened = opened
    this.#laneConcurrency = laneConcurrency
    this.model = new QueueModel(() => opened.clock.now())
  }

  async take(given: Step): Promise<void> {
    const {queue, clock} = this.#opened
    const picked = 'picks' in given ? given.picks : []
    const [claims, tasks] = [pick(this.#claims, picked), pick(this.#made, picked)]
    const ids = [...new Set(tasks.map(({id}) => id))]
    if (given.verb === 'advance') clock.advance(given.ms)
    else if (given.verb === 'add') await this.#add([this.#make(given)])
    else if (given.verb === 'resend') await this.#add(tasks)
    else if (given.verb === 'claim') await this.#claim(given.limit)
    else if (given.verb === 'settle') {
      const items = claims.map((claim) =>
        ({complete, bury, release, retry: (one: Claim) => retry(one, given.waitMs)})[given.op](claim),
      )
      const late = this.model.settle(items, {keepDelivered: given.keepDelivered, onlyLost: false})
      expect(await queue.settle(items, given)).toEqual(late)
    } else if (given.verb === 'reclaim') {
      const items = claims.map(given.bury ? bury : lose)
      const spared = this.model.settle(items, {keepDelivered: 0, onlyLost: true})
      expect(await queue.reclaim(items)).toEqual(spared)
    } else if (given.verb === 'extend') {
      const held = claims.map(({task, attempt}) => ({id: task.id, attempt}))
      const lost = held.filter(({id, attempt}) => !this.model.extend(id, attempt, leaseMs))
      expect(await queue.extend(held, leaseMs)).toEqual(lost)
    } else {
      const changed = this.model[given.verb](ids, given.states)
      expect(await queue[given.verb](ids, given)).toEqual({changed, skipped: ids.filter((id) => !changed.includes(id))})
    }
  }

  #make({lane, delayMs, dedupKeys: keys, fingerprint}: Extract<Step, {lane: string}>): NewTask {
    // Equal requests go to the same lane.
    const task = aTask({flowKey: lane, due: {delayMs}, dedupKeys: keys, fingerprint: `${fingerprint} ${lane}`})
    this.#made.push(task)
    return task
  }

  async #add(tasks: NewTask[]): Promise<void> {
    const expected = tasks.map((task) => this.model.add(task))
    const answers = await this.#opened.queue.add(tasks)
    expect(answers.map((answer) => ({outcome: outcomeOf(answer), id: answer.id}))).toEqual(expected)
  }

  async #claim(limit: number): Promise<void> {
    const {model} = this
    const now = this.#opened.clock.now()
    const options = {leaseMs, limit, laneConcurrency: this.#laneConcurrency, lostLimit: 100}
    const lost = [...model.tasks.values()].filter(({active}) => active && active.leaseEnd <= now).map(({task}) => task.id)
    const running = new Map(lanes.map((lane) => [lane, model.activeIn(lane)]))

    const claimed = await this.#opened.queue.claim({...options, running})

    expect(claimed.lost.map(({task}) => task.id).toSorted()).toEqual(lost.toSorted())
    expect(claimed.claims.length).toBeLessThanOrEqual(limit)
    for (const lane of lanes) {
      const taken = claimed.claims.filter(({task}) => task.flowKey === lane)
      const due = model.waiting(lane).filter((task) => task.due! <= now)
      expect(taken.map(({task, dueAt}) => [task.id, dueAt])).toEqual(
        due.slice(0, taken.length).map(({task, due: at}) => [task.id, at]),
      )
    }
    for (const {task, attempt, run} of claimed.claims) {
      expect({attempt, ...run}).toMatchObject({...model.tasks.get(task.id)?.run, attempt: run.attempts + 1})
      model.claim(task.id, leaseMs)
    }
    this.#claims.push(...claimed.claims)
    if (claimed.claims.length < limit) this.#checkNothingLeft(claimed.nextDueMs)
  }

  /** With places to spare, no lane that may run more was passed over, and none is slept past. */
  #checkNothingLeft(nextDueMs: number | null): void {
    const now = this.#opened.clock.now()
    for (const lane of lanes) {
      const [head] = this.model.waiting(lane)
      const full = this.#laneConcurrency > 0 && this.model.activeIn(lane) >= this.#laneConcurrency
      if (!head || full) continue
      if (head.due! > now) expect(nextDueMs ?? Infinity).toBeLessThanOrEqual(head.due! - now)
      else expect(this.#laneConcurrency).toBe(0)
    }
  }

  async check(): Promise<void> {
    const {store, namespace} = this.#opened
    const stored = await readQueue(store.redis, namespace, {lanes, dedupKeys})
    const {lanes: hints, ...rest} = stored
    expect(rest).toEqual(expectedOf(this.model))
    expect(Object.keys(hints).toSorted()).toEqual(Object.keys(rest.waiting).toSorted())
    for (const lane of Object.keys(hints)) {
      const head = Math.min(...Object.values(rest.waiting[lane]!))
      // Once it is due, claim looks at the lane, however long its head has waited.
      const latest = Math.max(head, this.#opened.clock.now())
      if (this.model.activeIn(lane) === 0) expect(hints[lane]).toBeLessThanOrEqual(latest)
    }
  }

  /** Purged, a queue leaves its counters, the attempts whose settle may come, and the dedup entries of tasks no longer kept. */
  async end(): Promise<void> {
    const {queue, store, namespace} = this.#opened
    await queue.purge([...this.model.tasks.keys()], {states: taskStates})
    this.model.purge([...this.model.tasks.keys()], taskStates)
    const left = await store.redis.keys(`{${namespace}:default}:*`)
    const expected = [
      ...(this.model.counters.addedTotal > 0 ? ['counters'] : []),
      ...(this.model.tombstones.size > 0 ? ['runs'] : []),
    ]
    expect(left.filter((key) => !key.includes(':dedup:')).toSorted()).toEqual(
      expected.map((key) => `{${namespace}:default}:${key}`),
    )
    expect(await store.redis.hlen(`{${namespace}:default}:runs`)).toBe(this.model.tombstones.size)
  }
}

function pick<T>(from: readonly T[], by: readonly number[]): T[] {
  return from.length === 0 ? [] : by.map((number) => from[number % from.length]!)
}

function outcomeOf(answer: AddResult | TorqueError) {
  if (answer instanceof TorqueError) return 'conflict'
  return answer.duplicate ? 'duplicate' : 'new'
}

function expectedOf(model: QueueModel): Omit<StoredQueue, 'lanes'> {
  const tasks = [...model.tasks.values()]
  const scoresOf = (score: (task: (typeof tasks)[number]) => number | null | undefined, member = (id: string) => id) =>
    Object.fromEntries(tasks.flatMap((task) => (score(task) == null ? [] : [[member(task.task.id), score(task)!]])))
  const active = tasks.filter((task) => task.active)
  const busy = [...new Set(active.map(({task}) => task.flowKey))]
  const waiting = lanes.map(
    (lane) => [lane, Object.fromEntries(model.waiting(lane).map(({task, due}) => [task.id, due!]))] as const,
  )
  return {
    tasks: [...model.tasks.keys()].toSorted(),
    runs: Object.fromEntries([
      ...tasks
        .filter(({run}) => run.attempts > 0)
        .map(({task, run}) => [task.id, `${run.attempts},${run.errors},${run.lostLeases}`]),
      ...[...model.tombstones].map(([id, attempt]) => [id, `${attempt},0,0`]),
    ]),
    waiting: Object.fromEntries(waiting.filter(([, set]) => Object.keys(set).length > 0)),
    active: Object.fromEntries(active.map((task) => [`${task.task.id}#${task.active!.attempt}`, task.active!.leaseEnd])),
    laneActive: Object.fromEntries(busy.map((lane) => [lane, String(model.activeIn(lane))])),
    retrying: scoresOf(({due, failed}) => (failed ? due : null)),
    dead: scoresOf(({ended}) => (ended?.state === 'dead' ? ended.at : null)),
    delivered: scoresOf(({ended}) => (ended?.state === 'delivered' ? ended.at : null)),
    counters: Object.fromEntries(
      Object.entries(model.counters).flatMap(([name, count]) => (count > 0 ? [[name, String(count)]] : [])),
    ),
    dedup: Object.fromEntries(
      [...model.entries].map(([key, {id, fingerprint, state}]) => [
        key,
        {entry: [id, fingerprint, ...(state ? [state] : [])].join('\t'), expires: state !== ''},
      ]),
    ),
  }
}

describe('a queue', () => {
  it.each([0, 1, 2])('is what a plain map would be, whatever is done to it, with %i places per lane', async (laneConcurrency) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, {minLength: 20, maxLength: 60}), async (steps) => {
        const pair = new Pair(await openTestStore(), laneConcurrency)
        for (const each of steps) {
          await pair.take(each)
          await pair.check()
        }
        await pair.end()
      }),
      {numRuns: 20},
    )
  })
})
