import {describe, expect, it} from 'vitest'

import type {ScheduleView} from '../../src/task/schedule-view.js'
import {openTorque, runTorque} from '../support/torque.js'

const url = 'http://127.0.0.1:9/report'

describe('torque schedule', () => {
  it('adds, changes, lists, pauses, resumes and removes', async () => {
    const {torque, json} = await openTorque()
    const added = await json<ScheduleView>([
      'schedule',
      'add',
      'nightly',
      '--cron',
      '0 3 * * *',
      '--tz',
      'Europe/Berlin',
      url,
      '--param',
      'a=1',
    ])
    expect(added).toMatchObject({name: 'nightly', queue: 'default', tz: 'Europe/Berlin', task: {url, params: {a: '1'}}})

    const changed = await torque(['schedule', 'add', 'nightly', '--every', '90s', '--overlap', 'skip', url])
    const paused = await json<ScheduleView>(['schedule', 'pause', 'nightly'])
    const {schedules} = await json<{schedules: ScheduleView[]}>(['schedule', 'list'])
    const resumed = await torque(['schedule', 'resume', 'nightly', '-q', 'default'])
    const ticks = await torque(['schedule', 'next', 'nightly', '-n', '2'])
    const removed = await torque(['schedule', 'remove', 'nightly'])

    expect(changed.stdout).toMatch(/^nightly\tdefault\tevery 90s\trunning\t\S+Z\t\t\t0\thttp:\S+\n$/)
    expect(paused).toMatchObject({paused: true, nextAt: null, overlap: 'skip', everyMs: 90_000})
    expect(schedules).toEqual([paused])
    expect(resumed.stdout).toContain('\trunning\t')
    const [first, second] = ticks.stdout
      .trim()
      .split('\n')
      .map((tick) => Date.parse(tick))
    expect(second! - first!).toBe(90_000)
    expect([removed.code, removed.stderr]).toEqual([0, ''])
    expect(await torque(['schedule', 'remove', 'nightly'])).toMatchObject({code: 3, stdout: ''})
  })

  it('next tells what an expression means, without a Redis', async () => {
    const {code, stdout} = await runTorque(['schedule', 'next', '--cron', '0 0 29 2 *', '-n', '2', '--json'])

    const {ticks} = JSON.parse(stdout) as {ticks: string[]}
    expect([code, ticks.map((tick) => tick.slice(4))]).toEqual([0, ['-02-29T00:00:00.000Z', '-02-29T00:00:00.000Z']])
  })

  it.each([
    [['add', 'a', url], 2, 'every'],
    [['add', 'a', '--every', '1m'], 2, 'url'],
    [['add', 'A', '--every', '1m', url], 2, 'name'],
    [['add', 'a', '--every', '1ms', url], 2, 'every'],
    [['add', 'a', '--every', '1m', '--cron', '@daily', url], 2, '--every'],
    [['add', 'a', '--cron', '* * * *', url], 2, 'cron'],
    [['add', 'a', '--cron', '@daily', '--tz', 'Nowhere', url], 2, 'tz'],
    [['add', 'a', '--every', '1m', '--delay', '2', url], 2, '--delay'],
    [['add', 'a', '--every', '1m', '--catch-up', 'x', url], 2, 'catch'],
    [['next'], 2, 'name a schedule'],
    [['next', 'a', '--every', '1m'], 2, 'name a schedule'],
    [['next', '--every', '1m', '-n', '0'], 2, 'count'],
  ])('refuses %j', async (args, code, said) => {
    const run = await runTorque(['schedule', ...args])

    expect(run).toMatchObject({code, stdout: ''})
    expect(run.stderr).toContain(said)
  })
})
