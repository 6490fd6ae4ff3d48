import fc from 'fast-check'
import {describe, expect, it, onTestFinished, vi} from 'vitest'

import {backoffMs, defaultBackoff, parseRetryAfter, retryWaitMs} from '../../src/task/backoff.js'

const second = 1000
const hour = 3600 * second
const now = Date.UTC(2026, 10, 23, 17, 0, 0)

describe('backoffMs', () => {
  it('grows from 2 s to 6 h', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((errors) => backoffMs(errors, defaultBackoff) / second)

    expect(waits).toEqual([2, 8, 32, 128, 512, 2048, 8192, 21_600, 21_600, 21_600])
  })

  it('stays at its limit however many errors there are', () => {
    expect(backoffMs(1000, defaultBackoff)).toBe(6 * hour)
  })

  it.each([
    [{minBackoffMs: 1000, maxBackoffMs: 1000, factor: 4}, [1000, 1000, 1000]],
    [{minBackoffMs: 500, maxBackoffMs: 60_000, factor: 1}, [500, 500, 500]],
    [{minBackoffMs: 1000, maxBackoffMs: 60_000, factor: 1.5}, [1000, 1500, 2250]],
    [{minBackoffMs: 5000, maxBackoffMs: 1000, factor: 2}, [1000, 1000, 1000]],
    [{minBackoffMs: 0, maxBackoffMs: 1000, factor: 4}, [0, 0, 0]],
  ])('follows what it is given: %j', (backoff, waits) => {
    expect([1, 2, 3].map((errors) => backoffMs(errors, backoff))).toEqual(waits)
  })

  it('stays 0 where it begins at 0, however many errors there are', () => {
    expect(backoffMs(1000, {minBackoffMs: 0, maxBackoffMs: 1000, factor: 4})).toBe(0)
  })
})

describe('retryWaitMs', () => {
  const wait = (errors: number, random: number, retryAfterMs = 0) => retryWaitMs(errors, defaultBackoff, {random, retryAfterMs})

  it('spreads each wait over a fifth to either side', () => {
    expect([0, 0.5, 0.999_999].map((random) => wait(1, random))).toEqual([1600, 2000, 2400])
    expect([0, 0.5, 0.999_999].map((random) => wait(9, random) / hour)).toEqual([4.8, 6, expect.closeTo(7.2, 3) as number])
  })

  it('spreads tasks that fail together: after three retries no second has three times its share', () => {
    let seed = 1
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const seconds = Array.from({length: 10_000}, () =>
      Math.floor((wait(1, random()) + wait(2, random()) + wait(3, random())) / 1000),
    )

    const counts = new Map<number, number>()
    for (const second of seconds) counts.set(second, (counts.get(second) ?? 0) + 1)

    expect(Math.max(...counts.values())).toBeLessThan((3 * seconds.length) / counts.size)
    expect(counts.size).toBeGreaterThan(10)
  })

  it('stays within the band, in whole milliseconds', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 1000}),
        fc.double({min: 0, max: 1, maxExcluded: true, noNaN: true}),
        (errors, random) => {
          const [ms, middle] = [wait(errors, random), backoffMs(errors, defaultBackoff)]
          expect(Number.isInteger(ms)).toBe(true)
          expect(ms).toBeGreaterThanOrEqual(0.8 * middle - 1)
          expect(ms).toBeLessThanOrEqual(1.2 * middle + 1)
        },
      ),
    )
  })

  it('is lengthened to what the target asked for, never shortened', () => {
    expect(wait(1, 0.5, 60_000)).toBe(60_000)
    expect(wait(1, 0.5, 100)).toBe(2000)
    expect(wait(1, 0.5, 0)).toBe(2000)
  })

  it.each([25 * hour, 1e15, Infinity])('waits at most a day for a target that asks for %d ms', (asked) => {
    expect(wait(1, 0.5, asked)).toBe(24 * hour)
  })

  it('is longer than a day where the backoff itself is', () => {
    const backoff = {minBackoffMs: 48 * hour, maxBackoffMs: 48 * hour, factor: 1}

    expect(retryWaitMs(1, backoff, {random: 0.5, retryAfterMs: 30 * hour})).toBe(48 * hour)
  })
})

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['1', second],
    ['120', 120 * second],
    ['007', 7 * second],
    ['9999999999', 9_999_999_999 * second],
    ['Mon, 23 Nov 2026 17:01:30 GMT', 90 * second],
    ['Monday, 23-Nov-26 17:01:30 GMT', 90 * second],
    ['Mon Nov 23 17:01:30 2026', 90 * second],
    ['Tue Dec  1 17:00:00 2026', 8 * 24 * hour],
  ])('reads %s', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms)
  })

  it('goes by GMT, wherever it runs', () => {
    vi.stubEnv('TZ', 'America/New_York')
    onTestFinished(() => void vi.unstubAllEnvs())

    expect(new Date(now).getHours()).toBe(12)
    expect(parseRetryAfter('Mon Nov 23 17:01:30 2026', now)).toBe(90 * second)
  })

  it.each([
    null,
    '',
    '-5',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    'soon',
    'Try again 2099',
    'Monster, 23 Nov 2030 17:01:30 GMT',
    '2030-01-01',
    '2030-01-01T00:00:00Z',
    'Mon, 99 Nov 2026 17:01:30 GMT',
    'Mon, 23 Nov 2026 16:59:59 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Mon, ',
    '5, 10',
    '60 seconds',
    '9'.repeat(11),
    '9'.repeat(400),
  ])('is 0 for none, for the past, for what is beyond all dates and for what is neither: %s', (header) => {
    expect(parseRetryAfter(header, now)).toBe(0)
  })

  it('is never negative and always a number, whatever was sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({unit: fc.constantFrom(...Array.from('MonSun,0123456789 -:GTe+.'))})),
        (header) => {
          expect(parseRetryAfter(header, now)).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})
