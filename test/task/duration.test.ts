import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {formatDuration, parseDuration} from '../../src/task/duration.js'

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['2', 2000],
    ['2.5', 2500],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5h', 5_400_000],
    ['007', 7000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    ['0.07', 70],
    ['1.001', 1001],
    ['4.35', 4350],
    ['0.0001', 1],
    ['2.0001', 2001],
    ['0.1ms', 1],
    ['0.0000000000000000000001', 1],
  ])('rounds %s up to whole milliseconds, and only when it has to', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  const words = '-1 +1 1e3 .5 5. 1,5 0x10 NaN Infinity s 5S 5M 5w 1h30m ٣ １ 1..2 1.2.3 9007199254740992ms'.split(' ')
  const blanks = ['', ' ', '1 s', ' 1', '1 ', '1\n']
  const endless = ['9'.repeat(400), `${'9'.repeat(31)}d`, `0.${'1'.repeat(400)}`]

  it.each([...words, ...blanks, ...endless])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrowError(expect.objectContaining({code: 'invalid_duration'}))
  })

  it('names the field, with the code asked for', () => {
    expect(() => parseDuration('-3', {field: 'delay', code: 'invalid_delay'})).toThrowError(
      expect.objectContaining({code: 'invalid_delay', field: 'delay', message: expect.stringContaining('delay "-3"')}),
    )
  })

  it('reads every whole number of milliseconds, however it is written', () => {
    fc.assert(
      fc.property(fc.nat({max: 1e12}), (ms) => {
        const seconds = `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`

        expect(parseDuration(`${ms}ms`)).toBe(ms)
        expect(parseDuration(seconds)).toBe(ms)
      }),
    )
  })
})

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [500, '500ms'],
    [999.6, '1s'],
    [2000, '2s'],
    [2500, '2.5s'],
    [32_000, '32s'],
    [90_000, '90s'],
    [128_000, '2m'],
    [512_000, '9m'],
    [2_048_000, '34m'],
    [3_599_000, '1h'],
    [8_192_000, '2.3h'],
    [21_600_000, '6h'],
    [86_400_000, '24h'],
    [604_800_000, '7d'],
    [-5, '0ms'],
  ])('writes %i ms', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('writes what parseDuration reads back to within the rounding', () => {
    fc.assert(
      fc.property(fc.nat({max: 400 * 86_400_000}), (ms) => {
        expect(Math.abs(parseDuration(formatDuration(ms)) - ms)).toBeLessThanOrEqual(Math.max(ms * 0.25, 1))
      }),
    )
  })
})
