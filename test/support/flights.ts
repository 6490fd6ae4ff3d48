import type {Flight} from '../../src/dispatch/flight.js'
import {Abort} from '../../src/dispatch/abort.js'
import type {Claim, Queue} from '../../src/queue/queue.js'

/** A claim in hand, as the dispatcher keeps it. */
export function aFlight(queue: Queue, claim: Claim, overrides: Partial<Flight> = {}): Flight {
  return {queue, claim, claimedAt: 0, startedAt: 0, extendAt: 0, abort: new Abort(), lost: false, isStranger: false, ...overrides}
}
