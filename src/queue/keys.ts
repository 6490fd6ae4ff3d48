/** The Redis keys of one queue. All share its hash tag, so that a queue lives in one slot of a cluster. */
export class QueueKeys {
  /** The keys that every script gets first, in the order of scripts/lib.lua. */
  readonly fixed: readonly string[]
  /** Those of watch: the same, and when leases were looked after. */
  readonly watch: readonly string[]
  /** Those, and what scripts/limits.lua knows of, in its order. */
  readonly limited: readonly string[]
  readonly tasks: string
  readonly runs: string
  readonly lanes: string
  readonly active: string
  readonly retrying: string
  readonly dead: string
  readonly delivered: string
  readonly counters: string
  readonly schedules: string
  readonly ticks: string
  readonly scheduleRuns: string
  /** The key of what a minute has seen is this and the minute's number. */
  readonly tallyPrefix: string
  readonly settings: string
  readonly laneCool: string
  readonly rates: string
  /** A lane's key is this and its name. */
  readonly lanePrefix: string
  readonly #tag: string

  constructor(namespace: string, queue: string) {
    this.#tag = `{${namespace}:${queue}}:`
    const name = (key: string) => this.#tag + key
    this.tasks = name('tasks')
    this.runs = name('runs')
    this.lanes = name('lanes')
    this.active = name('active')
    this.retrying = name('retrying')
    this.dead = name('dead')
    this.delivered = name('delivered')
    this.counters = name('counters')
    this.schedules = name('schedules')
    this.ticks = name('ticks')
    this.scheduleRuns = name('schedule-runs')
    this.tallyPrefix = name('tally:')
    this.lanePrefix = name('lane:')
    this.fixed = [
      this.tasks,
      this.runs,
      this.lanes,
      this.active,
      name('lane-active'),
      this.retrying,
      this.dead,
      this.delivered,
      this.counters,
    ]
    this.watch = [...this.fixed, name('reclaim')]
    this.settings = name('settings')
    this.laneCool = name('lane-cool')
    this.rates = name('rates')
    this.limited = [...this.fixed, this.settings, this.laneCool, this.rates, name('proven')]
  }

  lane(name: string): string {
    return this.lanePrefix + name
  }

  dedup(key: string): string {
    return `${this.#tag}dedup:${key}`
  }
}

/** What stands outside the queues' hash tags. */
export const sharedKeys = (namespace: string) => ({
  /** set: every queue that ever had a task */
  queues: `${namespace}:queues`,
  /** set: every queue that ever had a schedule */
  scheduled: `${namespace}:scheduled`,
  /** hash: live serves and their flags */
  processes: `${namespace}:processes`,
  /** channel: what attempts came to, while somebody watches */
  outcomes: `${namespace}:outcomes`,
  /** channel: names of queues that have something new to do, some with who says so */
  wake: `${namespace}:wake`,
})

/**
 * A key that is never there, in the slot of another one. A script that names it is refused for as long as its slot is on the way
 * from one node of a cluster to another: before it begins, instead of in its middle, when it has taken the last member out of a
 * set and the set is not there any more.
 */
export function absentKey(key: string): string {
  return `${key.slice(0, key.indexOf('}') + 1)}:none`
}
