import {randomUUID} from 'node:crypto'

import type {Logger} from '../log.js'
import type {ProcessInfo, ProcessRegistry} from '../queue/process-registry.js'
import {settledWithin} from '../settled-within.js'

/** Often enough that one missed announcement does not make a live process look dead. */
const everyMs = 10_000

export interface Announcement extends Omit<ProcessInfo, 'id' | 'seenAt' | 'inFlight'> {
  inFlight: () => number
  log: Logger
}

/**
 * Makes this process known to the others for as long as it lives. Resolves to what takes it off the list. A Redis that is too
 * full to list it still has tasks to work off.
 */
export async function announceProcess(
  registry: ProcessRegistry,
  {inFlight, log, ...info}: Announcement,
): Promise<() => Promise<void>> {
  const id = randomUUID()
  const announce = () =>
    registry
      .announce({...info, id, inFlight: inFlight()})
      .catch((error: unknown) => log.debug({err: error}, 'this process could not be announced'))
  await announce()
  const timer = setInterval(() => void announce(), everyMs)
  return async () => {
    clearInterval(timer)
    // One that stays on the list for want of an answer is taken for dead before long.
    await settledWithin(1_000, registry.remove(id))
  }
}
