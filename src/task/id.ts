import {randomFillSync} from 'node:crypto'

import {type Clock, systemClock} from '../clock.js'

/** 36^9 ms reach the year 5188. */
const timeDigits = 9
/** 3 digits. */
const sequenceLimit = 36 ** 3

const base36 = (value: number, digits: number) => value.toString(36).padStart(digits, '0')

/** All numbers of two digits. An id is put together from these, which is quicker than to calculate it. */
const pairs = Array.from({length: 36 ** 2}, (_, value) => base36(value, 2))

/** Random bits for some hundred ids at a time. */
const random = new Uint32Array(512)
let randomAt = random.length

function fourRandomDigits(): string {
  if (randomAt === random.length) {
    randomFillSync(random)
    randomAt = 0
  }
  const bits = random[randomAt++]!
  return pairs[bits % 1296]! + pairs[Math.floor(bits / 1296) % 1296]!
}

/**
 * Makes a source of task ids: 20 characters of `[0-9a-z]`, which sort in the order in which this source gave them out,
 * and by time among sources. The sequence orders the ids of one millisecond, the random part keeps processes apart.
 */
export function idMaker(clock: Clock): () => string {
  let time = 0
  let timeText = base36(0, timeDigits)
  let sequence = 0

  return () => {
    const now = clock.now()
    // A clock that stands still or goes back must not undo the order; a millisecond that is full borrows from the next.
    const full = now <= time && ++sequence === sequenceLimit
    if (now > time || full) {
      time = full ? time + 1 : now
      timeText = base36(time, timeDigits)
      sequence = 0
    }
    const ordered = `${timeText}${Math.floor(sequence / 1296).toString(36)}${pairs[sequence % 1296]!}`
    return `${ordered}${fourRandomDigits()}${fourRandomDigits()}`
  }
}

/** A new task id, made before the first write so that every write of the task can name it. */
export const newId = idMaker(systemClock)
