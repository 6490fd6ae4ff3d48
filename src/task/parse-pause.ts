import {TorqueError} from '../errors.js'
import {parseDuration} from './duration.js'
import {quote} from './quote.js'

const longestMs = 366 * 86_400_000
const longestReason = 255

/** How long a queue is to be paused, absent: until it is resumed, and why. Throws `invalid_setting`. */
export function parsePause({for: length, reason}: {for?: string | undefined; reason?: string | undefined}): {
  forMs?: number
  reason?: string
} {
  const forMs = length === undefined ? undefined : parseDuration(length, {field: 'for', code: 'invalid_setting'})
  if (forMs !== undefined && (forMs < 1 || forMs > longestMs))
    throw new TorqueError('invalid_setting', `for ${quote(length ?? '')} is not from 1ms to 366d`, {field: 'for'})
  if (reason !== undefined && reason.length > longestReason)
    throw new TorqueError('invalid_setting', `reason is longer than ${longestReason} characters`, {field: 'reason'})
  return {...(forMs !== undefined && {forMs}), ...(reason !== undefined && reason !== '' && {reason})}
}
