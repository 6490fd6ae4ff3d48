/** The middle of them, or between the two that are; NaN of none. */
export function median(numbers) {
  const sorted = Float64Array.from(numbers).sort()
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2
}

/** The number that so many per cent of them do not exceed; NaN of none. */
export function percentile(numbers, percent) {
  const sorted = Float64Array.from(numbers).sort()
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN
}

/** Divides, round by round. */
export function ratios(numbers, others) {
  return numbers.map((number, index) => number / others[index])
}
