/** How the wait after an error grows. */
export interface Backoff {
  minBackoffMs: number
  maxBackoffMs: number
  factor: number
  /** In place of such a curve: the waits after the first error, the second and so on. The last one goes on. Never empty. */
  waitsMs?: readonly number[]
}

/** 2 s, 8 s, 32 s, 2 m, 9 m, 34 m, 2.3 h, 6 h, 6 h. */
export const defaultBackoff: Backoff = {minBackoffMs: 2_000, maxBackoffMs: 6 * 3_600_000, factor: 4}

/** Spreads the retries of tasks that failed together: each wait is within a fifth of the curve. */
export const jitter = 0.2

/** A target may ask for at most a day of quiet. */
export const maxRetryAfterMs = 24 * 3_600_000

/** The wait in ms after the `errors`-th error, before jitter: of the list, or `min(max, min × factor^(errors - 1))`. */
export function backoffMs(errors: number, {minBackoffMs, maxBackoffMs, factor, waitsMs}: Backoff): number {
  if (waitsMs) return waitsMs[Math.min(errors, waitsMs.length) - 1] ?? maxBackoffMs
  // Capped, since nothing times infinity is no number.
  return Math.min(maxBackoffMs, minBackoffMs * Math.min(factor ** (errors - 1), Number.MAX_VALUE))
}

/** The shortest that jitter makes of it. */
export function leastBackoffMs(errors: number, backoff: Backoff): number {
  return Math.round(backoffMs(errors, backoff) * (1 - jitter))
}

/** The same, jittered by `random` (0 ≤ random < 1) and lengthened, never shortened, to what the target asked for. */
export function retryWaitMs(
  errors: number,
  backoff: Backoff,
  {random, retryAfterMs}: {random: number; retryAfterMs: number},
): number {
  const wait = Math.round(backoffMs(errors, backoff) * (1 + jitter * (2 * random - 1)))
  return Math.max(wait, Math.min(retryAfterMs, maxRetryAfterMs))
}

/** How each of the three HTTP dates begins; `Date.parse` takes far more than those. */
const weekday = /^(?:(?:Mon|Fri|Sun)(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Sat(?:urday)?),? /

/**
 * Reads a `Retry-After` header (RFC 9110, 10.2.3): seconds or an HTTP date. Resolves to ms from `now`; 0 for none, for the past,
 * for a number beyond all dates, and for anything that is neither.
 */
export function parseRetryAfter(header: string | null, now: number): number {
  if (header === null) return 0
  if (/^\d{1,10}$/.test(header)) return Number(header) * 1000
  if (!weekday.test(header)) return 0
  // The oldest of the three does not say that it is GMT.
  const date = Date.parse(header.endsWith(' GMT') ? header : `${header} GMT`)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}
