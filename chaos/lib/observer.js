import {pause} from './wait.js'

/** So often it looks, and so far back, as torque may write while it looks. */
const everyMs = 300
const overlapMs = 1_000

/** Looks on as tasks end: what torque has written down as delivered or dead must not be called again. */
export class Observer {
  /** `{id, attempts}` of each task, as of when it was first seen to have ended. */
  settled = []
  #known = new Set()
  #client
  #keys
  #running

  constructor({client, keys}) {
    this.#client = client
    this.#keys = keys
  }

  start() {
    this.#running = this.#watch()
  }

  async stop() {
    this.isOver = true
    await this.#running
  }

  async #watch() {
    let from = 0
    while (!this.isOver) {
      // While Redis is away there is nothing to see.
      from = await this.#look(from).catch(() => from)
      await pause(everyMs)
    }
  }

  async #look(from) {
    const seconds = await this.#client.time()
    const ended = await Promise.all(
      [this.#keys.delivered, this.#keys.dead].map((key) => this.#client.zrangebyscore(key, from, '+inf')),
    )
    const ids = ended.flat().filter((id) => !this.#known.has(id))
    if (ids.length > 0) {
      const runs = await this.#client.hmget(this.#keys.runs, ...ids)
      for (const [index, id] of ids.entries()) {
        this.#known.add(id)
        this.settled.push({id, attempts: Number.parseInt(runs[index] ?? '', 10)})
      }
    }
    return Number(seconds[0]) * 1000 - overlapMs
  }
}
