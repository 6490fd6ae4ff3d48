import {onTestFinished} from 'vitest'

import {Dispatcher, type DispatcherOptions} from '../../src/dispatch/dispatcher.js'
import type {Store} from '../../src/queue/store.js'
import {openDeliverer} from './deliverer.js'
import {MemoryLog} from './memory-log.js'
import {openTestStore} from './open-store.js'

/** With short waits. */
export const testPolicy = {maxErrors: 10, timeoutMs: 10_000, minBackoffMs: 50, maxBackoffMs: 1000, factor: 2}

/** A running dispatcher by the real time, on a connection of its own, stopped when the test ends, and the store to look on. */
export async function openDispatcher(options: Partial<Omit<DispatcherOptions, 'log'>> & {redisUrl?: string} = {}) {
  const {redisUrl} = options
  const opened = await openTestStore({clock: undefined, ...(redisUrl && {redisUrl})})
  const {dispatcher, log} = await startDispatcher(options.store ?? opened.store, options)
  return {...opened, dispatcher, log}
}

/** One more, on the given store. */
export async function startDispatcher(store: Store, options: Partial<Omit<DispatcherOptions, 'log'>> = {}) {
  const log = new MemoryLog()
  const dispatcher = new Dispatcher({
    deliverer: openDeliverer({connections: 100}),
    concurrency: 100,
    laneConcurrency: 0,
    leaseMs: 15_000,
    keepDelivered: 1000,
    policy: testPolicy,
    ...options,
    store,
    log,
  })
  onTestFinished(() => dispatcher.stop({timeoutMs: 0}))
  await dispatcher.start()
  return {dispatcher, log}
}
