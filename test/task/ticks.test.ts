import {describe, expect, it} from 'vitest'

import {lastTick, nextTick, nextTicks, parseCron} from '../../src/task/ticks.js'

const now = Date.parse('2026-11-24T00:00:00Z')
const instants = (cron: string, tz: string, after: string, count: number) =>
  nextTicks(parseCron(cron, tz, now), Date.parse(after), count).map((at) => new Date(at).toISOString().slice(5, 16))

describe('a cron expression', () => {
  it.each([
    ['*/5 * * * *', '2026-11-24T00:05:00.000Z'],
    ['@daily', '2026-11-25T00:00:00.000Z'],
    ['30 15 10 * * *', '2026-11-24T10:15:30.000Z'],
    ['0 9 * * MON', '2026-11-30T09:00:00.000Z'],
    ['0 0 L * *', '2026-11-30T00:00:00.000Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
  ])('%s next comes at %s', (cron, next) => {
    expect(new Date(nextTick(parseCron(cron, 'UTC', now), now) ?? 0).toISOString()).toBe(next)
  })

  it.each([
    ['', 'UTC', 'cron'],
    ['soon', 'UTC', 'cron'],
    ['* * * *', 'UTC', 'cron'],
    ['60 * * * *', 'UTC', 'cron'],
    ['*/0 * * * *', 'UTC', 'cron'],
    ['@reboot', 'UTC', 'cron'],
    ['2027-01-01T00:00:00', 'UTC', 'cron'],
    ['0 0 31 2 *', 'UTC', 'cron'],
    ['0 0 0 1 1 * 2020', 'UTC', 'cron'],
    [`${'1,'.repeat(100)}1 * * * *`, 'UTC', 'cron'],
    ['* * * * *', 'Mars/Olympus', 'tz'],
  ])('refuses %j in %s', (cron, tz, field) => {
    expect(() => parseCron(cron, tz, now)).toThrow(expect.objectContaining({code: 'invalid_schedule', field}))
  })
})

// Where a time of day is named, it comes once a day; where the hour is free, ticks go by time that has passed.
describe('when clocks are put forward and back, in Berlin', () => {
  const [spring, autumn] = ['2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z']

  it('a time of day that is left out comes when the clocks have been put forward', () => {
    expect(instants('30 2 * * *', 'Europe/Berlin', spring, 3)).toEqual(['03-29T01:00', '03-30T00:30', '03-31T00:30'])
  })

  it('a time of day that there is twice comes the first time only', () => {
    expect(instants('30 2 * * *', 'Europe/Berlin', autumn, 3)).toEqual(['10-25T00:30', '10-26T01:30', '10-27T01:30'])
  })

  it.each(['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z'])('every half hour is every half hour, from %s', (from) => {
    const ticks = nextTicks(parseCron('*/30 * * * *', 'Europe/Berlin', now), Date.parse(from), 8)

    expect(new Set(ticks.map((at, index) => at - (index + 1) * 1_800_000))).toEqual(new Set([Date.parse(from)]))
  })
})

describe('an interval', () => {
  const ticking = {everyMs: 30_000, from: now}

  it('counts from where it began', () => {
    expect(nextTicks(ticking, now - 5, 2)).toEqual([now + 30_000, now + 60_000])
    expect(nextTick(ticking, now + 30_000)).toBe(now + 60_000)
    expect(nextTick(ticking, now + 59_999)).toBe(now + 60_000)
  })
})

describe('lastTick', () => {
  it.each([
    ['of an interval', {everyMs: 30_000, from: now}],
    ['of a cron expression', {cron: '*/30 * * * * *', tz: 'UTC'}],
  ])('is the newest one that has come, %s', (_name, ticking) => {
    expect(lastTick(ticking, now + 30_000, now + 30_000)).toBe(now + 30_000)
    expect(lastTick(ticking, now + 30_000, now + 95_000)).toBe(now + 90_000)
    expect(lastTick(ticking, now + 30_000, now + 120_000)).toBe(now + 120_000)
  })
})
