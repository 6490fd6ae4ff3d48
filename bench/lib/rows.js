// What a measure comes to: rows of the numbers of each round, beside what they are held against.
//
// A row: `{name, unit, torque: number[], bullmq?: number[], limit?: number[], atLeast? | atMost?, near?}`; a number per round, a
// ratio where the unit is ×. `near` is how far from the bound still counts as near it, a tenth unless given.
import {median} from './numbers.js'

/** `pass`, `near`, `miss`, or '' for a row without a bound. */
export function verdict({torque, atLeast, atMost, near}) {
  const middle = median(torque)
  if (atLeast !== undefined) return grade(middle >= atLeast, middle >= (near ?? 0.9 * atLeast))
  if (atMost !== undefined) return grade(middle <= atMost, middle <= (near ?? atMost / 0.9))
  return ''
}

function grade(passes, isNear) {
  if (passes) return 'pass'
  return isNear ? 'near' : 'miss'
}

/** `≥ 0.8`, `≤ 1.25`, or nothing. */
export function boundText({atLeast, atMost}) {
  if (atLeast !== undefined) return `≥ ${atLeast}`
  return atMost === undefined ? '' : `≤ ${atMost}`
}

/** The median, and the range where there is one: `0.82 (0.79–0.84)`. */
export function rangeText(numbers) {
  if (numbers === undefined || numbers.length === 0) return ''
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)].map(numberText)
  const middle = numberText(median(numbers))
  return least === most ? middle : `${middle} (${least}–${most})`
}

/** Three digits that count; whole above a hundred. */
export function numberText(number) {
  if (!Number.isFinite(number)) return '–'
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString('en-GB')
  if (Math.abs(number) >= 10) return number.toFixed(1)
  return number.toFixed(2)
}

/** For the terminal. */
export function rowText(row) {
  const {name, unit, torque, bullmq, limit} = row
  const beside = [limit && `limit ${rangeText(limit)}`, bullmq && `BullMQ ${rangeText(bullmq)}`].filter(Boolean).join(', ')
  const figures = `${name}, ${unit}`.padEnd(68) + rangeText(torque).padEnd(24) + boundText(row).padEnd(10) + beside
  return `  ${verdict(row).padEnd(6)}${figures}`.trimEnd()
}
