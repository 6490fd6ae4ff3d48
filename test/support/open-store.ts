import {randomUUID} from 'node:crypto'
import {inject, onTestFinished} from 'vitest'

import type {Clock} from '../../src/clock.js'
import {Store, type StoreOptions} from '../../src/queue/store.js'

/** A clock that moves only when told to. */
export class FakeClock implements Clock {
  #now = Date.UTC(2030, 0, 1)
  now = () => this.#now
  advance(ms: number) {
    this.#now += ms
  }
}

/** A namespace of its own in the run's Redis, closed when the test ends. The clock stands still unless `clock: undefined` is given. */
export async function openTestStore(options: Partial<StoreOptions> = {}) {
  const clock = new FakeClock()
  const namespace = `test-${randomUUID().slice(0, 20)}`
  const store = await Store.open({redisUrl: inject('redisUrl'), namespace, profile: 'dispatcher', clock, ...options})
  onTestFinished(() => store.close())
  return {store, clock, namespace, queue: store.queue('default'), inspector: store.inspector}
}
