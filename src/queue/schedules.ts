import {TorqueError} from '../errors.js'
import {decodeSchedule} from '../task/schedule-codec.js'
import type {Schedule, ScheduleRecord, Tick} from '../task/schedule.js'
import {type Ticking, nextTick} from '../task/ticks.js'
import {type QueueContext, ask, redisNow} from './context.js'
import {putSchedule} from './scripts/put-schedule.js'
import {removeSchedule} from './scripts/remove-schedule.js'
import type {Store} from './store.js'
import {type DueSchedule, type TickOutcome, tick} from './scripts/tick.js'

export type {DueSchedule} from './scripts/tick.js'

export interface DueTicks {
  /** The time of Redis, ms since the epoch. */
  now: number
  due: DueSchedule[]
  /** When the next tick comes that is not due yet; null for none. */
  nextAt: number | null
}

/** Most ticks looked at in one go. */
const tickLimit = 100

/** Two who write the same schedule at once take turns; more than so many rounds of that are no accident. */
const mostTries = 10

/** The schedules of one queue in Redis. Every method throws only `TorqueError`. */
export class Schedules {
  readonly #store: Store
  readonly #context: QueueContext

  constructor(store: Store, queue: string) {
    this.#store = store
    this.#context = store.context(queue)
  }

  /**
   * Puts a schedule in place, or in the place of the one of its name: that one's pause goes on, and where its ticks are the same,
   * so does what it waits for.
   */
  async put(schedule: Schedule): Promise<ScheduleRecord> {
    // First, so that no schedule stands where nobody looks.
    await this.#store.announceSchedules(this.#context.name)
    await this.#replace(schedule.name, (before) => {
      const ticking = before && sameTicks(before.ticking, schedule.ticking) ? before.ticking : schedule.ticking
      return {schedule: {...schedule, ticking, paused: before?.paused ?? false}, keepTick: ticking === before?.ticking}
    })
    return (await this.find(schedule.name)) ?? gone(schedule.name)
  }

  /** Pauses a schedule, or has it go on from now: the ticks of its pause are past. Undefined: there is none of that name. */
  async pause(name: string, paused: boolean): Promise<ScheduleRecord | undefined> {
    await this.#replace(name, (before) => before && {schedule: {...before, paused}, keepTick: true})
    return this.find(name)
  }

  /** False where there is none of that name. */
  remove(name: string): Promise<boolean> {
    return removeSchedule(this.#context, name)
  }

  async find(name: string): Promise<ScheduleRecord | undefined> {
    const {redis, keys} = this.#context
    const [text, nextAt, run] = await ask(() =>
      Promise.all([redis.hget(keys.schedules, name), redis.zscore(keys.ticks, name), redis.hget(keys.scheduleRuns, name)]),
    )
    const schedule = text === null ? undefined : decodeSchedule(name, this.#context.name, text)
    return schedule && recordOf(schedule, nextAt, run)
  }

  /** All of them, by name. One that cannot be read is left out. */
  async list(): Promise<ScheduleRecord[]> {
    const {redis, keys, name: queue} = this.#context
    const [texts, ticks, runs] = await ask(() =>
      Promise.all([
        redis.hgetall(keys.schedules),
        redis.zrange(keys.ticks, '0', '-1', 'WITHSCORES'),
        redis.hgetall(keys.scheduleRuns),
      ]),
    )
    const waiting = new Map(pairs(ticks))
    return Object.keys(texts)
      .toSorted()
      .flatMap((name) => {
        const schedule = decodeSchedule(name, queue, texts[name] ?? '')
        return schedule ? [recordOf(schedule, waiting.get(name) ?? null, runs[name] ?? null)] : []
      })
  }

  /** The schedules whose tick has come, and when the next one does. */
  async due(): Promise<DueTicks> {
    const {redis, keys} = this.#context
    const now = await redisNow(this.#context)
    const next = await ask(() => redis.zrangebyscore(keys.ticks, `(${now}`, '+inf', 'WITHSCORES', 'LIMIT', 0, 1))
    return {now, due: await this.#due(now), nextAt: next[1] === undefined ? null : Number(next[1])}
  }

  /** The first of them, past any number of those that cannot be read, which wait for a version that can. */
  async #due(now: number): Promise<DueSchedule[]> {
    const {redis, keys, name: queue} = this.#context
    for (let from = 0; ; from += tickLimit) {
      const waiting = pairs(await ask(() => redis.zrangebyscore(keys.ticks, '-inf', now, 'WITHSCORES', 'LIMIT', from, tickLimit)))
      const texts = waiting.length === 0 ? [] : await ask(() => redis.hmget(keys.schedules, ...waiting.map(([name]) => name)))
      const found = waiting.flatMap(([name, at], index): DueSchedule[] => {
        const text = texts[index] ?? ''
        const schedule = decodeSchedule(name, queue, text)
        return schedule ? [{schedule, text, due: Number(at)}] : []
      })
      if (found.length > 0 || waiting.length < tickLimit) return found
    }
  }

  /** Does what a tick leads to: in one step, and once, however many try. */
  tick(due: DueSchedule, what: Tick): Promise<TickOutcome> {
    return tick(this.#context, due, what)
  }

  /** Writes what `change` makes of the schedule that stands there; tries again where another has written meanwhile. */
  async #replace(
    name: string,
    change: (before: Schedule | undefined) => {schedule: Schedule; keepTick: boolean} | undefined,
  ): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      const {redis, keys, name: queue} = this.#context
      const seen = (await ask(() => redis.hget(keys.schedules, name))) ?? undefined
      const changed = change(seen === undefined ? undefined : decodeSchedule(name, queue, seen))
      if (!changed) return
      const {schedule, keepTick} = changed
      const tick = schedule.paused ? null : nextTick(schedule.ticking, await redisNow(this.#context))
      if (await putSchedule(this.#context, schedule, {seen, tick, keepTick})) return
    }
    throw new TorqueError('conflict', `schedule ${name} is being changed by others all the time`)
  }
}

/** Whether two say the same; where an interval is counted from is not said, but found. */
function sameTicks(one: Ticking, other: Ticking): boolean {
  if ('cron' in one) return 'cron' in other && one.cron === other.cron && one.tz === other.tz
  return 'everyMs' in other && one.everyMs === other.everyMs
}

function recordOf(schedule: Schedule, nextAt: string | null, run: string | null): ScheduleRecord {
  const [lastAt = '', lastId = '', added = '0', skipped = '0'] = run?.split(' ') ?? []
  return {
    schedule,
    nextAt: nextAt === null ? null : Number(nextAt),
    lastAt: lastAt === '' ? null : Number(lastAt),
    lastId: lastId || null,
    added: Number(added),
    skipped: Number(skipped),
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((member, at): [string, string][] => (at % 2 === 0 ? [[member, flat[at + 1] ?? '']] : []))
}

function gone(name: string): never {
  throw new TorqueError('conflict', `schedule ${name} has been removed meanwhile`)
}
