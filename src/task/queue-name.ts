import {TorqueError} from '../errors.js'
import {quote} from './quote.js'

/** A queue's name, wherever one is given. Throws `invalid_queue`. */
export function parseQueueName(text: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(text)) return text
  const message = `queue ${quote(text)} is not a name of 1 to 64 of a-z, 0-9, _ and -, a letter or digit first`
  throw new TorqueError('invalid_queue', message, {field: 'queue'})
}
