import {type ErrorCode, TorqueError} from '../errors.js'
import {quote} from './quote.js'

const unitMs = {ms: 1n, s: 1000n, m: 60_000n, h: 3_600_000n, d: 86_400_000n}

/** Longer than any number worth writing, and short enough to compute with exactly and at once. */
const maxLength = 32

/**
 * A length of time as people write it, in ms: `2`, `2.5` (seconds), `500ms`, `30s`, `5m`, `2h`, `7d`.
 * Rounded up to whole milliseconds, so that nothing it delays comes early. Throws `code`, naming `field`.
 */
export function parseDuration(text: string, {field, code = 'invalid_duration'}: {field?: string; code?: ErrorCode} = {}): number {
  const [, whole, fraction = '', unit = 's'] = (text.length <= maxLength && /^(\d+)(?:\.(\d+))?(ms|[smhd])?$/.exec(text)) || []
  const ms = whole === undefined ? Infinity : scale(whole, fraction, unitMs[unit as keyof typeof unitMs])
  if (Number.isSafeInteger(ms)) return ms
  throw new TorqueError(
    code,
    `${field ?? 'duration'} ${quote(text)} is not a duration such as 2, 2.5, 500ms, 30s, 5m, 2h or 7d`,
    {
      ...(field !== undefined && {field}),
    },
  )
}

/** In integers, because 0.07 × 1000 is 70.00000000000001 and would round up to 71. */
function scale(whole: string, fraction: string, factor: bigint): number {
  const divisor = 10n ** BigInt(fraction.length)
  return Number((BigInt(whole + fraction) * factor + divisor - 1n) / divisor)
}

/** Units from small to large: how long one is, from how many on the next one reads better, how many digits after the point help. */
const steps = [
  {unit: 'ms', length: 1, limit: 1000, precision: 0},
  {unit: 's', length: 1000, limit: 120, precision: 1},
  {unit: 'm', length: 60_000, limit: 60, precision: 0},
  {unit: 'h', length: 3_600_000, limit: 48, precision: 1},
  {unit: 'd', length: 86_400_000, limit: Infinity, precision: 1},
] as const

/** A length of time for people, short and rounded: `500ms`, `2.5s`, `34m`, `2.3h`, `7d`. `parseDuration` reads it. */
export function formatDuration(ms: number): string {
  for (const {unit, length, limit, precision} of steps) {
    const count = Number((Math.max(ms, 0) / length).toFixed(precision))
    if (count < limit) return `${count}${unit}`
  }
  return 'for ever'
}
