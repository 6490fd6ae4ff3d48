import {Random} from './random.js'
import {pause, until} from './wait.js'

/** Longer than an endpoint takes to answer, Redis or not; shorter than a process is stopped. */
const patienceMs = 4_000
const most = {inBatch: 50, atOnce: 6}

/** Adds tasks through whichever `serve` is up, sends again what was not acknowledged, and writes down what was. */
export class Producers {
  /** `{name, id, notBefore, fate}` of each task that torque has said it has. */
  acknowledged = []
  /** Names of tasks that were refused with a plain 503, which says that nothing was queued, and were not sent again. */
  abandoned = []
  #scale
  #seed
  #random
  #origins
  #urls
  #progress
  #made = 0

  /** `urls()`: the endpoints that are up. `progress()`: the share of the faults that are through; adding keeps in step with it. */
  constructor({scale, seed, random, origins, urls, progress}) {
    this.#scale = scale
    this.#seed = seed
    this.#random = random
    this.#origins = origins
    this.#urls = urls
    this.#progress = progress
  }

  get isDone() {
    return this.acknowledged.length + this.abandoned.length === this.#scale
  }

  async run() {
    await Promise.all(Array.from({length: most.atOnce}, () => this.#produce()))
  }

  async #produce() {
    while (this.#made < this.#scale) {
      await until(() => this.#made <= this.#scale * this.#progress(), {withinMs: 600_000, what: 'progress of the faults'})
      const room = this.#scale - this.#made
      if (room <= 0) return
      const count = this.#random.chance(0.5) ? Math.min(room, this.#random.between(2, most.inBatch)) : 1
      const tasks = Array.from({length: count}, () => this.#make())
      await this.#addAll(tasks)
    }
  }

  /** Most are quick and answer 200; some wait, fail once, fail for ever, or outlast a lease. */
  #make() {
    const index = this.#made++
    // The same whenever its turn comes.
    const random = new Random(this.#seed + index * 7919)
    const name = `t${index}`
    const isPoison = random.chance(0.005)
    const refusals = isPoison ? 1000 : random.chance(0.05) ? 1 : 0
    const answerMs = random.chance(0.03) ? random.between(1_000, 3_000) : random.between(0, 40)
    const delayMs = random.chance(0.2) ? random.between(1, 3_000) : 0
    const fields = {url: `${random.pick(this.#origins)}/${name}/${answerMs}${refusals ? `/${refusals}` : ''}`}
    if (delayMs > 0) fields.delay = `${delayMs}ms`
    if (random.chance(0.3)) fields.flowKey = `flow-${random.between(1, 20)}`
    if (isPoison) fields.maxErrors = 2
    fields[random.chance(0.5) ? 'id' : 'idempotencyKey'] = name
    return {name, fields, delayMs, fate: isPoison ? 'dead' : 'delivered', sentAt: Infinity, mayBeQueued: false}
  }

  /** Until each is acknowledged, or refused for good. */
  async #addAll(tasks) {
    for (let left = tasks; left.length > 0;) {
      const answers = await this.#send(left)
      left = left.filter((task, index) => !this.#note(task, answers[index]))
      if (left.length > 0) await pause(100)
    }
  }

  /** An answer for each task; undefined where none came. */
  async #send(tasks) {
    const url = this.#random.pick(this.#urls())
    if (url === undefined) return []
    const isForm = tasks.length === 1 && tasks[0].fields.id !== undefined
    const body = isForm ? new URLSearchParams(tasks[0].fields) : JSON.stringify(tasks.map(({fields}) => fields))
    for (const task of tasks) task.sentAt = Math.min(task.sentAt, Date.now())
    try {
      const response = await fetch(`${url}${isForm ? '/hooks/add' : '/tasks'}`, {
        method: 'POST',
        body,
        headers: isForm ? {} : {'content-type': 'application/json'},
        signal: AbortSignal.timeout(patienceMs),
      })
      const answer = await response.json()
      return Array.isArray(answer) ? answer : tasks.map(() => answer)
    } catch {
      // Nobody knows whether they are in.
      for (const task of tasks) task.mayBeQueued = true
      return []
    }
  }

  /** True: nothing more is to be done for this task. */
  #note(task, answer) {
    if (answer?.id !== undefined) {
      const {name, fate, sentAt, delayMs} = task
      this.acknowledged.push({name, id: answer.id, notBefore: sentAt + delayMs, fate})
      return true
    }
    const code = answer?.error?.code
    if (code === undefined) return false
    if (code === 'outcome_unknown') task.mayBeQueued = true
    else if (!['redis_unavailable', 'queue_full', 'shutting_down'].includes(code)) throw new Error(JSON.stringify(answer))
    else if (!task.mayBeQueued && this.#random.chance(0.1)) return this.abandoned.push(task.name) > 0
    return false
  }
}
