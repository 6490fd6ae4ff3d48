import {describe, expect, it} from 'vitest'

import type {LaneView, QueueView} from '../../src/queue/queue-view.js'
import {openTorque, rowsOf} from '../support/torque.js'

describe('torque queues', () => {
  it('sets, lists, pauses and resumes', async () => {
    const {torque, json} = await openTorque()

    const set = await torque(['queues', 'set', 'mail', '--rate', '30/m', '--burst', '3', '--min-backoff', '5s'])
    const changed = await json<QueueView>(['queues', 'set', 'mail', '--rate', 'none', '--concurrency', '2'])
    const paused = await torque(['pause', 'mail', '--for', '2h', '--reason', 'a\trebuild'])
    const listed = await torque(['queues'])
    const {queues} = await json<{queues: QueueView[]}>(['queues', '-q', 'mail'])
    const resumed = await json<QueueView>(['resume', 'mail'])

    expect(set).toMatchObject({code: 0, stderr: ''})
    expect(rowsOf(set.stdout)[0]).toEqual([
      'mail',
      'running',
      '',
      '',
      ...Array.from({length: 7}, () => '0'),
      'rate=30/m burst=3 minBackoff=5s',
    ])
    expect(changed).toMatchObject({settings: {rate: null, burst: 3, concurrency: 2, minBackoffMs: 5000}})
    expect(paused.code).toBe(0)
    expect(rowsOf(listed.stdout).map(([name, state, , reason]) => [name, state, reason])).toEqual([
      ['default', 'running', ''],
      ['mail', 'paused', 'a\\trebuild'],
    ])
    expect(queues).toMatchObject([{name: 'mail', paused: true, pauseReason: 'a\trebuild'}])
    expect(resumed).toMatchObject({paused: false, pausedUntil: null})
  })

  it('refuses what cannot be meant, and changes nothing', async () => {
    const {torque, json} = await openTorque()

    const codes = await Promise.all([
      torque(['queues', 'set', 'default']),
      torque(['queues', 'set', 'default', '--rate', '5/y', '--concurrency', '2']),
      torque(['queues', 'set', 'Default', '--rate', '5']),
      torque(['pause', 'unknown']),
      torque(['resume', 'unknown']),
      torque(['pause', 'default', '--for', 'ever']),
      torque(['lanes', 'reset', 'http://a.example']),
    ])

    expect(codes.map(({code, stdout}) => [code, stdout])).toEqual([2, 2, 2, 3, 3, 2, 3].map((code) => [code, '']))
    const {queues} = await json<{queues: QueueView[]}>(['queues'])
    expect(queues).toMatchObject([{name: 'default', paused: false, settings: {rate: null, concurrency: null}}])
    expect(await json<{lanes: LaneView[]}>(['lanes'])).toEqual({lanes: []})
  })
})
