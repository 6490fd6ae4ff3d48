import {TorqueError} from '../../errors.js'
import type {Position} from '../scripts/scan.js'
import {type Listing, listings} from './state-pages.js'

/** Where a listing over queues and states stands: behind this task. */
export interface Cursor extends Position {
  listing: Listing
  queue: string
}

export function encodeCursor({listing, score, member, queue}: Cursor): string {
  return Buffer.from(JSON.stringify([listing, score, member, queue])).toString('base64url')
}

/** Throws `invalid_cursor` for anything `encodeCursor` did not make. */
export function decodeCursor(text: string): Cursor {
  try {
    const [listing, score, member, queue, ...more] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[]
    if (
      isListing(listing) &&
      Number.isFinite(score) &&
      typeof member === 'string' &&
      typeof queue === 'string' &&
      more.length === 0
    ) {
      return {listing, score: score as number, member, queue}
    }
  } catch {
    // Falls through: whatever it is, it is not one of ours.
  }
  throw new TorqueError('invalid_cursor', `not a cursor that torque gave out: ${JSON.stringify(text.slice(0, 100))}`, {
    field: 'cursor',
  })
}

function isListing(value: unknown): value is Listing {
  return (listings as readonly unknown[]).includes(value)
}
