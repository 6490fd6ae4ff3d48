import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'

/** A whole number of tasks, at least one. */
export function readLimit(text: string, most: number): number {
  const limit = /^\d{1,16}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= most) return limit
  throw new TorqueError('invalid_limit', `limit ${quote(text)} is not a whole number from 1 to ${most}`, {field: 'limit'})
}
