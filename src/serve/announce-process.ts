import {randomUUID} from 'node:crypto'

import {type Outage, isAway} from '../dispatch/outage.js'
import type {Logger} from '../log.js'
import type {ProcessInfo, ProcessRegistry} from '../queue/process-registry.js'
import {settledWithin} from '../settled-within.js'

/** Often enough that one missed announcement does not make a live process look dead. */
const usualMs = 10_000

export interface Announcement extends Omit<ProcessInfo, 'id' | 'seenAt' | 'inFlight'> {
  inFlight: () => number
  log: Logger
  /** Where nothing else finds that Redis is away: told of what fails here. */
  outage?: Outage | undefined
  /** How often; tests only. */
  everyMs?: number
}

/**
 * Makes this process known to the others for as long as it lives. Resolves to what takes it off the list. A Redis that is too
 * full to list it still has tasks to work off.
 */
export async function announceProcess(
  registry: ProcessRegistry,
  {inFlight, log, outage, everyMs = usualMs, ...info}: Announcement,
): Promise<() => Promise<void>> {
  const id = randomUUID()
  const announce = async () => {
    try {
      await registry.announce({...info, id, inFlight: inFlight()})
      outage?.end()
      outage?.allIsWell()
    } catch (error) {
      log.debug({err: error}, 'this process could not be announced')
      if (isAway(error)) outage?.begin(error)
    }
  }
  await announce()
  const timer = setInterval(() => void announce(), everyMs)
  return async () => {
    clearInterval(timer)
    // One that stays on the list for want of an answer is taken for dead before long.
    await settledWithin(1_000, registry.remove(id))
  }
}
