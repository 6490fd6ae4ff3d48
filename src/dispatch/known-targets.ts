import type {Queue} from '../queue/queue.js'

/** Redis is told again this often: a Redis that lost its data, or forgot a lane among too many, learns of it anew. */
const toldEveryMs = 10 * 60_000
/** Lanes that are remembered, of all queues: those that were noted first make room. */
const mostKept = 10_000

/** Lanes whose targets this process has had an answer from. Others may hang: they never get all places. */
export class KnownTargets {
  readonly #toldAt = new Map<Queue, Map<string, number>>()
  readonly #mostKept: number
  #size = 0

  constructor({most = mostKept} = {}) {
    this.#mostKept = most
  }

  has(queue: Queue, lane: string): boolean {
    return this.#toldAt.get(queue)?.has(lane) ?? false
  }

  /** Notes that a lane's target has answered. True where Redis is to be told. */
  note(queue: Queue, lane: string): boolean {
    const now = performance.now()
    const lanes = this.#lanesOf(queue)
    const toldAt = lanes.get(lane)
    if (toldAt !== undefined && now - toldAt < toldEveryMs) return false
    // At the end again: those at the front were noted first.
    if (lanes.delete(lane)) this.#size -= 1
    lanes.set(lane, now)
    this.#size += 1
    if (this.#size > this.#mostKept) this.forget(queue, lanes.keys().next().value!)
    return true
  }

  /** Notes that it is in trouble: its next answer is news again. */
  forget(queue: Queue, lane: string): void {
    if (this.#toldAt.get(queue)?.delete(lane)) this.#size -= 1
  }

  #lanesOf(queue: Queue): Map<string, number> {
    let lanes = this.#toldAt.get(queue)
    if (!lanes) this.#toldAt.set(queue, (lanes = new Map<string, number>()))
    return lanes
  }
}
