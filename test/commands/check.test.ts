import {describe, expect, it} from 'vitest'

import {Tally, writeTally} from '../../src/queue/tallies.js'
import {bringTo} from '../support/attempts.js'
import {openTorque, runTorque} from '../support/torque.js'

const serve = {id: 'one', pid: 7, host: 'here', version: '1.0.0', inFlight: 0, maxErrors: 10, timeoutMs: 30_000}

describe('torque check', () => {
  it('wants a serve, and nothing more unless told', async () => {
    const {torque, json, store} = await openTorque()

    expect(await torque(['check'])).toMatchObject({code: 5, stdout: 'crossed\tserves\t0\t1\n'})
    await store.processes.announce(serve)
    expect(await json(['check'])).toEqual({ok: true, checks: [{name: 'serves', value: 1, limit: 1, ok: true}]})
  })

  it('says which limit is crossed', async () => {
    const {torque, queue, store} = await openTorque()
    await bringTo('dead', queue)
    await bringTo('ready', queue)
    const tally = new Tally()
    for (let at = 0; at < 20; at++) tally.add({outcome: at === 0 ? 'dead' : 'delivered', waitMs: 10, durationMs: 10})
    await writeTally(store.context('default'), tally)

    const flags = ['--serves', '0', '--dead', '0', '--ready', '1', '--oldest-due', '1h', '--error-rate', '5%', '--call-p99', '1s']
    const {code, stdout} = await torque(['check', ...flags])

    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 2).join(' '))
    expect(lines).toEqual(['ok oldest-due', 'ok ready', 'crossed dead', 'ok error-rate', 'ok call-p99'])
    expect(code).toBe(5)
    expect(await torque(['check', '--serves', '0', '--error-rate', '0.04'])).toMatchObject({code: 5})
  })

  it.each([
    ['--error-rate', '200%'],
    ['--error-rate', 'x'],
    ['--oldest-due', 'x'],
    ['--dead', '-1'],
  ])('refuses %s %s', async (flag, value) => {
    expect(await runTorque(['check', flag, value])).toMatchObject({code: 2, stdout: ''})
  })
})
