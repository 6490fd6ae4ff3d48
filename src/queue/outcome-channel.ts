import type {OutcomeCode} from '../task/task.js'
import type {Tallied} from './tallies.js'

/** What an attempt came to, as it is told to those who watch. */
export interface OutcomeNote extends Tallied {
  queue: string
  id: string
  url: string
  flowKey: string
  attempt: number
  /** The HTTP status, where one came. */
  status: number | null
  /** Null: it delivered. */
  error: OutcomeCode | null
  /** When the call ended, ms since the epoch, about Redis time. */
  at: number
}

/** Who watches says so this often, in ms. */
export const watchEveryMs = 2_000

/** The notes of one message; none where it is no message of ours. */
export function readNotes(message: string): OutcomeNote[] {
  try {
    const notes: unknown = JSON.parse(message)
    return Array.isArray(notes) ? (notes as OutcomeNote[]) : []
  } catch {
    return []
  }
}
