import type {Queue} from '../queue/queue.js'
import {type OwnPolicy, type Policy, decide} from '../task/policy.js'
import type {QueueSettings} from '../task/queue-settings.js'

/** What holds for a task: what it says itself, then the settings of its queue as the last claim had them, then the flags of `serve`. */
export class Policies {
  readonly #flags: {policy: Policy; laneConcurrency: number}
  readonly #queues = new Map<Queue, {policy: Policy; laneConcurrency: number}>()

  constructor(flags: {policy: Policy; laneConcurrency: number}) {
    this.#flags = flags
  }

  of(queue: Queue, task: OwnPolicy): Policy {
    return decide(task, this.#of(queue).policy)
  }

  /** Most active tasks of one lane over all processes; 0: no lane holds more places of a process than it leaves free. */
  laneConcurrency(queue: Queue): number {
    return this.#of(queue).laneConcurrency
  }

  learn(queue: Queue, settings: QueueSettings | undefined): void {
    const {policy, laneConcurrency} = this.#flags
    if (settings)
      this.#queues.set(queue, {
        policy: decide(settings.policy, policy),
        laneConcurrency: settings.laneConcurrency ?? laneConcurrency,
      })
    else if (this.#queues.size > 0) this.#queues.delete(queue)
  }

  #of(queue: Queue) {
    return this.#queues.get(queue) ?? this.#flags
  }
}
