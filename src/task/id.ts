import {randomInt} from 'node:crypto'

import {type Clock, systemClock} from '../clock.js'

/** 36^9 ms reach the year 5188. */
const timeDigits = 9
const sequenceDigits = 3
const randomDigits = 8

const sequenceLimit = 36 ** sequenceDigits
const randomLimit = 36 ** randomDigits

const base36 = (value: number, digits: number) => value.toString(36).padStart(digits, '0')

/**
 * Makes a source of task ids: 20 characters of `[0-9a-z]`, which sort in the order in which this source gave them out,
 * and by time among sources. The sequence orders the ids of one millisecond, the random part keeps processes apart.
 */
export function idMaker(clock: Clock): () => string {
  let time = 0
  let sequence = 0

  return () => {
    const now = clock.now()
    // A clock that stands still or goes back must not undo the order; a millisecond that is full borrows from the next.
    const full = now <= time && ++sequence === sequenceLimit
    if (now > time || full) {
      time = full ? time + 1 : now
      sequence = 0
    }
    return base36(time, timeDigits) + base36(sequence, sequenceDigits) + base36(randomInt(randomLimit), randomDigits)
  }
}

/** A new task id, made before the first write so that every write of the task can name it. */
export const newId = idMaker(systemClock)
