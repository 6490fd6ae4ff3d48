import {describe, expect, it} from 'vitest'

import type {WhyView} from '../../src/queue/why-view.js'
import {tickId} from '../../src/task/schedule.js'
import {aTask} from '../support/tasks.js'
import {openTorque, rowsOf} from '../support/torque.js'

describe('torque why', () => {
  it('names each reason and the command that helps, which works', async () => {
    const {torque, json, env, queue} = await openTorque()
    const id = tickId('nightly', Date.now())
    await torque(['schedule', 'add', 'nightly', 'http://a.example/', '--cron', '0 3 * * *'])
    await queue.add([aTask({id, due: {delayMs: 3_600_000}})])
    await queue.pause({reason: 'a\trebuild'})

    const {code, stdout, stderr} = await torque(['why', id, '--namespace', env.TORQUE_NAMESPACE])

    const rows = rowsOf(stdout)
    expect([code, stderr]).toEqual([0, ''])
    expect(rows.map(([reason]) => reason)).toEqual(['no_serve', 'paused', 'scheduled'])
    expect(rows[1]![1]).toContain('a\\trebuild')
    expect(rows[1]![3]).toBe(`torque resume default --namespace ${env.TORQUE_NAMESPACE}`)
    expect((await torque(rows[1]![3]!.split(' ').slice(1))).code).toBe(0)
    const why = await json<WhyView>(['why', id])
    expect(why).toMatchObject({id, state: 'scheduled', schedule: 'nightly', nextAttemptAt: null})
    expect(why.reasons.map(({code: reason}) => reason)).toEqual(['no_serve', 'scheduled'])
  })

  it('exits 3 for an id that is none', async () => {
    const {torque} = await openTorque()

    expect(await torque(['why', 'none'])).toMatchObject({code: 3, stdout: ''})
  })
})
