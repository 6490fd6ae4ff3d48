import {TorqueError} from '../errors.js'
import {parseQueueName} from '../task/queue-name.js'

/**
 * What is said on the channel that wakes dispatchers: a queue's name, for one that has something new to do; after it, past a space,
 * who added to it, or one of these words for what else has happened there.
 */
const words = {schedules: 'schedules', settings: 'settings', purged: 'purged'}

/** In the place of a queue's name: somebody watches outcomes, and says so again every few seconds. */
export const watchMessage = '* outcomes'

/** An add; `self` is what this process is told apart by, where it hears of its own adds in a shorter way. */
export const addedMessage = (queue: string, self?: string) => (self === undefined ? queue : `${queue} ${self}`)
export const schedulesMessage = (queue: string) => `${queue} ${words.schedules}`
/** A process that has no place for its tasks asks for them all the same. */
export const settingsMessage = (queue: string) => `${queue} ${words.settings}`
/** Somebody may have them in hand. */
export const purgedMessage = (queue: string) => `${queue} ${words.purged}`

/** What else is heard there; the names of queues are handed over. */
export interface WakeListeners {
  /** It listens again, after a while in which it could not. */
  missed?: () => void
  /** The schedules of a queue have changed. */
  schedules?: (queue: string) => void
  /** The settings of a queue have changed. */
  settings?: (queue: string) => void
  /** Tasks in hand were purged. */
  purged?: (queue: string) => void
  /** Somebody watches outcomes. */
  watched?: () => void
}

/** Passes each message on to whom it is for; nothing of what `self` said, and nothing that is no message of ours. */
export function wakeReader(
  wake: (queue: string) => void,
  {schedules, settings, purged, watched}: WakeListeners,
  self: string | undefined,
): (message: string) => void {
  const others = new Map([
    [words.schedules, schedules],
    [words.settings, settings],
    [words.purged, purged],
  ])
  return (message) => {
    if (message === watchMessage) return watched?.()
    const [queue = '', by] = message.split(' ')
    if (!isQueueName(queue) || (by !== undefined && by === self)) return
    const heard = by !== undefined && others.has(by) ? others.get(by) : wake
    heard?.(queue)
  }
}

/** What others put where torque keeps its queues' names is none of them. */
export function isQueueName(text: string): boolean {
  try {
    parseQueueName(text)
    return true
  } catch (error) {
    if (error instanceof TorqueError) return false
    throw error
  }
}
