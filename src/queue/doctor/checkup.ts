import {type QueueContext, ask} from '../context.js'
import {laneNames} from '../lane-names.js'
import {correctLanes} from '../scripts/correct.js'
import {type TaskWrong, mend} from '../scripts/mend.js'
import {type QueuePart, type Suspect, type Surveyed, queueParts, survey, surveyLanes} from '../scripts/survey.js'

/** What can be wrong with what is stored; see docs/cli.md. */
export type Wrong = TaskWrong | 'lane_hint' | 'lane_count' | 'unreadable' | 'wrong_type'

export interface CheckupOptions {
  /** Puts right what is safe to put right. */
  repair: boolean
  /** Told now and then how many tasks have been looked at. */
  progress?: ((tasks: number) => void) | undefined
}

export interface Checkup {
  /** How many tasks were looked at. */
  tasks: number
  /** Ids, or names of lanes or keys, by what is wrong with them. */
  wrongs: ReadonlyMap<Wrong, ReadonlySet<string>>
  /** False: too many tasks run to count them by lane. */
  counted: boolean
}

/** A script call is to take so long, in ms: the next one looks at more or at fewer. */
const stepMs = 3
const fewest = 10
const most = 200
const lanesAtOnce = 20

/** The types of a queue's fixed keys, in their order. */
const fixedTypes = ['hash', 'hash', 'zset', 'zset', 'hash', 'zset', 'zset', 'zset', 'hash']

/** Looks through one queue, in short steps, while others work on it. What is reported was judged in one atomic step each. */
export async function checkUp(context: QueueContext, options: CheckupOptions): Promise<Checkup> {
  const checkup = new QueueCheckup(context, options)
  await checkup.run()
  return checkup
}

class QueueCheckup implements Checkup {
  tasks = 0
  readonly wrongs = new Map<Wrong, Set<string>>()
  counted = true
  readonly #context: QueueContext
  readonly #options: CheckupOptions
  readonly #hidden = new Set<string>()
  readonly #foreign = new Set<string>()
  readonly #unreadable = new Set<string>()
  readonly #noted = new Set<string>()
  #count = fewest
  /** What a round trip takes by itself, in ms. */
  #tripMs = 0

  constructor(context: QueueContext, options: CheckupOptions) {
    this.#context = context
    this.#options = options
  }

  async run(): Promise<void> {
    if (await this.#hasForeignKeys()) return
    const start = performance.now()
    await ask(() => this.#context.redis.ping())
    this.#tripMs = performance.now() - start
    // The places where tasks stand come before the tasks: one in a wrong place is not without any.
    for (const part of queueParts) await this.#survey(part)
    await this.#surveyLanes(await laneNames(this.#context))
    await this.#survey('tasks')
    // Lanes that only their tasks have told of.
    await this.#surveyLanes([...this.#hidden])
    for (const lane of this.#foreign) this.#note('wrong_type', this.#context.keys.lane(lane))
    await this.#judgeUnreadable()
    await this.#correctLanes()
  }

  /** With one of these of another type, no script can work on this queue. */
  async #hasForeignKeys(): Promise<boolean> {
    const {redis, keys} = this.#context
    const types = await ask(() => Promise.all(keys.fixed.map((key) => redis.type(key))))
    const foreign = keys.fixed.filter((_key, index) => types[index] !== 'none' && types[index] !== fixedTypes[index])
    for (const key of foreign) this.#note('wrong_type', key)
    return foreign.length > 0
  }

  async #survey(part: QueuePart): Promise<void> {
    let cursor = '0'
    do {
      const surveyed = await this.#timed((count) => survey(this.#context, part, cursor, count))
      if (part === 'tasks') {
        this.tasks += surveyed.looked
        this.#options.progress?.(this.tasks)
      }
      await this.#take(surveyed)
      cursor = surveyed.cursors[0] ?? '0'
    } while (cursor !== '0')
  }

  async #surveyLanes(names: readonly string[]): Promise<void> {
    const left = names.filter((name) => !this.#foreign.has(name)).map((name) => ({name, cursor: '0'}))
    while (left.length > 0) {
      const now = left.splice(-lanesAtOnce)
      const surveyed = await this.#timed((count) => surveyLanes(this.#context, now, Math.ceil(count / now.length)))
      await this.#take(surveyed)
      for (const [index, {name}] of now.entries()) {
        const cursor = surveyed.cursors[index] ?? '0'
        if (cursor !== '0') left.push({name, cursor})
      }
    }
  }

  async #take({suspects, lanes, foreign, unreadable, seen}: Surveyed): Promise<void> {
    for (const lane of lanes) this.#hidden.add(lane)
    for (const lane of foreign) this.#foreign.add(lane)
    for (const id of seen) {
      this.#noted.add(id)
      this.#note('unreadable', id)
    }
    for (const id of unreadable) this.#unreadable.add(id)
    await this.#judge(suspects)
  }

  /** What nobody can read and no lane holds. */
  async #judgeUnreadable(): Promise<void> {
    await this.#judge([...this.#unreadable].map((id) => ({id})))
  }

  /** What is wrong in two ways is found in two places, and told once. */
  async #judge(suspects: readonly Suspect[]): Promise<void> {
    const fresh = suspects.filter(({id}) => !this.#noted.has(id))
    for (let from = 0; from < fresh.length; from += fewest) {
      const batch = fresh.slice(from, from + fewest)
      for (const {id, wrong} of await mend(this.#context, batch, this.#options)) {
        this.#noted.add(id)
        this.#note(wrong, id)
      }
    }
  }

  async #correctLanes(): Promise<void> {
    const hidden = [...this.#hidden]
    for (let from = 0; from === 0 || from < hidden.length; from += most) {
      const {hints, counts, counted} = await correctLanes(this.#context, hidden.slice(from, from + most), this.#options)
      for (const lane of hints) this.#note('lane_hint', lane)
      for (const lane of counts) this.#note('lane_count', lane)
      this.counted = counted
    }
  }

  /** Takes as much at a time as Redis does in a few ms. */
  async #timed<T>(step: (count: number) => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await step(this.#count)
    const isSlow = performance.now() - start - this.#tripMs > stepMs
    this.#count = isSlow ? Math.max(fewest, Math.floor(this.#count / 2)) : Math.min(most, this.#count + fewest)
    return result
  }

  #note(wrong: Wrong, what: string): void {
    this.wrongs.set(wrong, (this.wrongs.get(wrong) ?? new Set()).add(what))
  }
}
