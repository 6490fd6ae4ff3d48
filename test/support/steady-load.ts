import {expect, onTestFinished} from 'vitest'

import {patiently} from './patiently.js'
import type {Receiver} from './receiver.js'
import type {ServeProcess} from './serve.js'

/** Adds tasks one after the other to the given queues, each again until it is taken, for as long as a fault lasts. */
export class SteadyLoad {
  /** Those that `serve` has taken. */
  readonly accepted = new Set<string>()
  /** Codes of the errors it answered with meanwhile. */
  readonly refusals = new Map<string, number>()
  readonly #serve: ServeProcess
  readonly #receiver: Receiver
  readonly #queues: readonly string[]
  readonly #adders: Promise<void>[]
  #isOn = true

  constructor(
    serve: ServeProcess,
    {receiver, queues, adders = 4}: {receiver: Receiver; queues: readonly string[]; adders?: number},
  ) {
    this.#serve = serve
    this.#receiver = receiver
    this.#queues = queues
    this.#adders = Array.from({length: adders}, (_adder, index) => this.#addOn(index))
    onTestFinished(() => void (this.#isOn = false))
  }

  /** Resolves when so many more have been taken. */
  async more(count: number): Promise<void> {
    const wanted = this.accepted.size + count
    await expect.poll(() => this.accepted.size, patiently).toBeGreaterThanOrEqual(wanted)
  }

  /** Adds no more, and waits until all that was taken has been called. Resolves to how often each was. */
  async end(): Promise<ReadonlyMap<string, number>> {
    this.#isOn = false
    await Promise.all(this.#adders)
    await expect.poll(() => this.#missing(), patiently).toEqual([])
    return this.#calls()
  }

  #calls(): ReadonlyMap<string, number> {
    const calls = new Map<string, number>()
    for (const {headers} of this.#receiver.calls) {
      const id = String(headers['webhook-id'])
      if (this.accepted.has(id)) calls.set(id, (calls.get(id) ?? 0) + 1)
    }
    return calls
  }

  #missing(): string[] {
    const calls = this.#calls()
    return [...this.accepted].filter((id) => !calls.has(id)).slice(0, 10)
  }

  async #addOn(adder: number): Promise<void> {
    for (let number = 0; this.#isOn; number++) {
      const id = `load-${adder}-${number}-${Math.random().toString(36).slice(2, 8)}`
      const queue = this.#queues[number % this.#queues.length]!
      await this.#add({id, queue, url: this.#receiver.url()})
    }
  }

  async #add(fields: {id: string; queue: string; url: string}): Promise<void> {
    for (;;) {
      const code = await this.#send(fields)
      if (code === undefined) return void this.accepted.add(fields.id)
      this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1)
      if (!this.#isOn) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Undefined where it was taken. */
  async #send(fields: Record<string, string>): Promise<string | undefined> {
    const request = fetch(`${this.#serve.url}/hooks/add`, {method: 'POST', body: new URLSearchParams(fields)})
    // Only a test that has failed ends its serve meanwhile.
    const response = await request.catch((error: Error) => Response.json({error: {code: error.message}}))
    const {error} = (await response.json()) as {error?: {code: string}}
    return error?.code
  }
}
