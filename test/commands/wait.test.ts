import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {openTorque} from '../support/torque.js'

describe('torque wait', () => {
  it('ends with 0 when all are delivered, in the order they were named', async () => {
    const {torque, json, queue} = await openTorque()
    await bringTo('delivered', queue, {id: 'one'})
    await bringTo('delivered', queue, {id: 'two'})

    expect(await json(['wait', 'two', 'one'])).toMatchObject({tasks: [{id: 'two', state: 'delivered', attempt: 1}, {id: 'one'}]})
    expect(await torque(['wait', '-'], {stdin: 'one\tdefault\ttab\ntwo\n'})).toMatchObject({
      code: 0,
      stdout: 'one\tdefault\tdelivered\t1\t0\t\ntwo\tdefault\tdelivered\t1\t0\t\n',
    })
  })

  it('sees a task end while it waits', async () => {
    const {torque, queue} = await openTorque()
    await bringTo('ready', queue, {id: 'late'})

    const waiting = torque(['wait', 'late'])
    await new Promise((resolve) => setTimeout(resolve, 300))
    await queue.purge(['late'], {states: ['ready']})
    await bringTo('dead', queue, {id: 'late'})

    const {code, stdout} = await waiting
    // Between its purge and its return it may have been looked for: then it is gone.
    expect([`5 late\tdefault\tdead`, `3 late\t\tunknown`]).toContain(`${code} ${stdout.split('\t').slice(0, 3).join('\t')}`)
  })

  it('ends with 5 when one is dead, and with 124 when the time is up', async () => {
    const {torque, queue} = await openTorque()
    await bringTo('dead', queue, {id: 'dead'})
    await bringTo('delivered', queue, {id: 'done'})
    await bringTo('scheduled', queue, {id: 'later'})

    expect(await torque(['wait', 'dead', 'done'])).toMatchObject({code: 5})
    expect(await torque(['wait', 'done', 'later', '--timeout', '100ms'])).toMatchObject({
      code: 124,
      stdout: 'done\tdefault\tdelivered\t1\t0\t\nlater\tdefault\tscheduled\t0\t0\t\n',
    })
  })

  it.each([
    [['wait'], 2],
    [['wait', 'nobody'], 3],
    [['wait', 'x', '--timeout', 'soon'], 2],
  ])('refuses %j', async (args, code) => {
    const {torque} = await openTorque()

    expect(await torque(args)).toMatchObject({code, stdout: ''})
  })
})
