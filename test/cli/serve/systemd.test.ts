import {chmodSync, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'

import {Systemd} from '../../../src/cli/serve/systemd.js'
import {MemoryLog} from '../../support/memory-log.js'
import {patiently} from '../../support/patiently.js'
import {scratchDir} from '../../support/torque.js'

/** A stand-in for `systemd-notify`, which writes down what it is to tell, and to whom. */
function standIn() {
  const dir = scratchDir()
  const file = join(dir, 'told')
  const program = join(dir, 'systemd-notify')
  writeFileSync(program, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >>'${file}'\n`)
  chmodSync(program, 0o755)
  const told = () =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : []
  return {env: {PATH: `${dir}:${process.env['PATH']}`, NOTIFY_SOCKET: '@torque-test'}, told}
}

function open(options: Partial<ConstructorParameters<typeof Systemd>[0]>) {
  const log = new MemoryLog()
  const systemd = new Systemd({env: {}, pid: process.pid, isAlive: () => true, log, ...options})
  onTestFinished(() => systemd.close())
  return {systemd, log}
}

describe('Systemd', () => {
  it('says that it is ready, alive as long as it is, and stopping', async () => {
    const {env, told} = standIn()
    const alive = {yes: true}
    const watched = {...env, WATCHDOG_USEC: '40000', WATCHDOG_PID: String(process.pid)}
    const {systemd} = open({env: watched, isAlive: () => alive.yes})
    const pings = () => told().filter((line) => line === '@torque-test WATCHDOG=1').length

    await expect.poll(pings, patiently).toBeGreaterThan(2)
    alive.yes = false
    systemd.stopping()
    await expect.poll(told, patiently).toContain('@torque-test STOPPING=1')

    // What was on its way when it ceased to be alive; none is sent any more.
    const before = pings()
    await expect.poll(pings, patiently).toBeGreaterThanOrEqual(before)
    expect(told()).toContain('@torque-test READY=1')
  })

  it.each([
    ['no watchdog', {}],
    ['one that watches another process', {WATCHDOG_USEC: '20000', WATCHDOG_PID: '1'}],
    ['nonsense', {WATCHDOG_USEC: 'soon'}],
  ])('sends no pings for %s', async (_name, extra) => {
    const {env, told} = standIn()
    open({env: {...env, ...extra}})

    await expect.poll(told, patiently).toHaveLength(1)

    expect(told()).toEqual(['@torque-test READY=1'])
  })

  it('says once that systemd-notify is not there, and goes on', async () => {
    const {log} = open({env: {PATH: scratchDir(), NOTIFY_SOCKET: '@torque-test', WATCHDOG_USEC: '20000'}})

    await expect.poll(() => log.saying('systemd cannot be told'), patiently).toHaveLength(1)
  })
})
