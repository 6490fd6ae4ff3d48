import {describe, expect, it} from 'vitest'

import {decodeSchedule, encodeSchedule} from '../../src/task/schedule-codec.js'
import {type ScheduleFields, newSchedule, taskOf, tickAt} from '../../src/task/schedule.js'
import type {TaskFields} from '../../src/task/fields.js'

const now = Date.parse('2026-11-24T00:00:00Z')
const task = {url: 'http://127.0.0.1:1/hook', params: '{"a":1.0}'}
const schedule = (fields: ScheduleFields = {}, more: TaskFields = {}) =>
  newSchedule('nightly', {every: '1m', ...fields}, {...task, ...more}, {now, baseTaskUrl: 'http://base.test/x/'})

describe('newSchedule', () => {
  it('keeps the fields of its tasks as they were given, and makes their URL absolute', () => {
    expect(schedule({}, {url: 'hook', queue: 'mail'})).toEqual({
      name: 'nightly',
      queue: 'mail',
      ticking: {everyMs: 60_000, from: now},
      catchUp: 'one',
      overlap: 'allow',
      paused: false,
      task: {url: 'http://base.test/x/hook', params: '{"a":1.0}', queue: 'mail'},
    })
  })

  it.each<[string, ScheduleFields, TaskFields, string, string]>([
    ['no time', {every: undefined}, {}, 'invalid_schedule', 'cron'],
    ['two kinds of time', {cron: '@daily'}, {}, 'invalid_schedule', 'cron'],
    ['a zone for an interval', {tz: 'UTC'}, {}, 'invalid_schedule', 'tz'],
    ['half a second', {every: '500ms'}, {}, 'invalid_schedule', 'every'],
    ['no duration', {every: 'often'}, {}, 'invalid_schedule', 'every'],
    ['another way to catch up', {catchUp: 'some'}, {}, 'invalid_schedule', 'catchUp'],
    ['another overlap', {overlap: 'kill'}, {}, 'invalid_schedule', 'overlap'],
    ['a task without URL', {}, {url: ''}, 'invalid_url', 'url'],
    ['a task with a delay', {}, {delay: '2'}, 'invalid_delay', 'delay'],
    ['a task with an id', {}, {id: 'x'}, 'invalid_id', 'id'],
  ])('refuses %s', (_name, fields, more, code, field) => {
    expect(() => schedule(fields, more)).toThrow(expect.objectContaining({code, field}))
  })

  it.each(['', 'Nightly', '-x', 'a'.repeat(51), 'a.b'])('refuses the name %j', (name) => {
    expect(() => newSchedule(name, {every: '1m'}, task, {now})).toThrow(expect.objectContaining({code: 'invalid_schedule'}))
  })
})

describe('tickAt', () => {
  const due = now + 60_000

  it.each([
    ['one', 30_000, {add: due, next: due + 60_000}],
    ['one', 190_000, {add: due + 180_000, next: due + 240_000}],
    ['all', 190_000, {add: due, next: due + 60_000}],
    ['none', 30_000, {add: due, next: due + 60_000}],
    // Within the minute in which a tick still counts as seen to.
    ['none', 190_000, {add: due + 180_000, next: due + 240_000}],
  ])('with catch-up %s, %i ms late', (catchUp, late, what) => {
    expect(tickAt(schedule({catchUp}), due, due + late)).toEqual(what)
  })

  it('with catch-up none, lets pass what is more than a minute late', () => {
    const hourly = schedule({every: '1h', catchUp: 'none'})
    const tick = now + 3_600_000

    expect(tickAt(hourly, tick, tick + 61_000)).toEqual({add: null, next: tick + 3_600_000})
  })
})

describe('the task of a tick', () => {
  it('bears its name and its instant, and is the same whoever makes it', () => {
    const made = taskOf(schedule(), now)

    expect(made).toEqual(taskOf(schedule(), now))
    expect(made).toMatchObject({id: `nightly-${now.toString(36)}`, due: {at: now}, url: task.url, dedupKeys: []})
  })
})

describe('the stored form', () => {
  it.each([{every: '1m'}, {every: undefined, cron: '0 3 * * *', tz: 'Europe/Berlin'}])('reads back as it was: %j', (fields) => {
    const one = {...schedule(fields), paused: true}

    expect(decodeSchedule('nightly', 'default', encodeSchedule(one))).toEqual(one)
  })

  it.each(['', '{', '[]', '{"v":2}', '{"v":1,"catchUp":"one","overlap":"skip","paused":false,"task":{}}'])(
    'of %j is none',
    (text) => {
      expect(decodeSchedule('nightly', 'default', text)).toBeUndefined()
    },
  )
})
