import type {Claim, Queue} from '../queue/queue.js'
import type {Abort} from './abort.js'

/** An attempt in hand, from its claim until its verdict is written. Its lease must hold that long. */
export interface Flight {
  queue: Queue
  claim: Claim
  /** When it was claimed, by this process's monotonic clock. */
  claimedAt: number
  /** Redis time when it was claimed, then when its call began, ms since the epoch. */
  startedAt: number
  /** When its lease must be extended, by this process's monotonic clock. */
  extendAt: number
  /** Ends the call: its lease is lost, or the process stops. */
  abort: Abort
  /** Its target is not known to answer. */
  isStranger: boolean
  /** Its lease was lost: its verdict is another's to write. */
  lost: boolean
}
