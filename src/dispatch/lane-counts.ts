/** How many of something there are of each lane of each queue. */
export class LaneCounts<Queue> {
  readonly #queues = new Map<Queue, Map<string, number>>()

  /** The lanes of a queue that have any. */
  of(queue: Queue): ReadonlyMap<string, number> | undefined {
    return this.#queues.get(queue)
  }

  get(queue: Queue, lane: string): number {
    return this.#queues.get(queue)?.get(lane) ?? 0
  }

  change(queue: Queue, lane: string, by: 1 | -1): void {
    let lanes = this.#queues.get(queue)
    if (!lanes) this.#queues.set(queue, (lanes = new Map<string, number>()))
    const count = (lanes.get(lane) ?? 0) + by
    if (count === 0) lanes.delete(lane)
    else lanes.set(lane, count)
  }
}
