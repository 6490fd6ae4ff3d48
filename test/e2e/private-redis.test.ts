import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'

import {Control} from '../../src/embedded/control.js'
import {listens} from '../../src/embedded/listens.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {ServeProcess, startServe} from '../support/serve.js'
import {runTorque, scratchDir} from '../support/torque.js'
import {environment} from '../embedded/scratch-home.js'

/** A home of its own, and the commands that look there; whatever engine still runs in it when the test ends is ended. */
async function openHome() {
  const home = scratchDir()
  const socket = join(home, 'redis.sock')
  const {PATH} = await environment()
  const env = {TORQUE_HOME: home, PATH: `${PATH}:${process.env['PATH']}`}
  onTestFinished(async () => {
    const control = await Control.open(socket, 'test').catch(() => null)
    await control?.shutDown()
    control?.disconnect()
  })
  const torque = (...args: string[]) => runTorque(args, {env})
  const json = async <T>(...args: string[]) => JSON.parse((await torque(...args, '--json')).stdout) as T
  const status = () => json<{pid: number; owner: {pid: number} | null}>('redis', 'status')
  return {home, socket, env, torque, json, status}
}

/** The counts, as its endpoint gives them. */
async function totals({url}: ServeProcess): Promise<object> {
  return ((await (await fetch(`${url}/stats`)).json()) as {totals: object}).totals
}

describe('a serve with a private Redis', () => {
  it('is found by the other commands, and leaves its data to the next one', {timeout: 60_000}, async () => {
    const {env, socket, torque, json} = await openHome()
    const receiver = await openReceiver()
    const first = await startServe(env)

    const added = await torque('add', receiver.url(), '--quiet')
    const later = await torque('add', receiver.url(), '--delay', '1h', '--quiet')
    await receiver.received(1)
    await expect.poll(() => totals(first), patiently).toMatchObject({delivered: 1, scheduled: 1})
    const code = await first.end()
    const between = await listens(socket)
    await startServe(env)
    const {tasks} = await json<{tasks: {id: string; state: string}[]}>('list')

    expect([added.code, later.code, code, between]).toEqual([0, 0, 0, false])
    expect(tasks.map(({id, state}) => `${state} ${id}`)).toEqual([
      `scheduled ${later.stdout.trim()}`,
      `delivered ${added.stdout.trim()}`,
    ])
  })

  it('is the only one of its home: a second is refused, and told who has it', {timeout: 60_000}, async () => {
    const {env, torque} = await openHome()
    const first = await startServe(env)

    const second = await torque('serve', '-p', '0')

    expect(second.code).toBe(4)
    expect(second.stderr).toContain(`pid ${first.child.pid}`)
    expect(first.hasEnded).toBe(false)
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200)
  })

  it('outlives its engine: it starts it again, with the tasks that were there', {timeout: 60_000}, async () => {
    const {env, torque, status} = await openHome()
    const receiver = await openReceiver()
    const serve = await startServe(env)
    const added = await torque('add', receiver.url(), '--delay', '3', '--quiet')
    const {pid} = await status()

    process.kill(pid, 'SIGKILL')
    const [call] = await receiver.received(1)

    expect(call?.headers['webhook-id']).toBe(added.stdout.trim())
    expect((await status()).pid).not.toBe(pid)
    expect(serve.hasEnded).toBe(false)
  })

  it('that is killed leaves a home that the next one takes over, and delivers from', {timeout: 60_000}, async () => {
    const {env, torque} = await openHome()
    const receiver = await openReceiver((_call, index) => (index === 0 ? {hang: true} : {}))
    const killed = await startServe(env, ['--lease', '1s'])
    await torque('add', receiver.url(), '--quiet')
    await torque('add', receiver.url(), '--delay', '2', '--quiet')
    await receiver.received(1)

    await killed.end('SIGKILL')
    const next = await startServe(env, ['--lease', '1s'])
    const calls = await receiver.received(3)

    expect(calls.map(({headers}) => headers['torque-attempt']).toSorted()).toEqual(['1', '1', '2'])
    await expect.poll(() => totals(next), patiently).toMatchObject({deliveredTotal: 2, active: 0})
    expect(await next.end()).toBe(0)
  })

  it('ends its engine when it ends, and not before its calls have', {timeout: 60_000}, async () => {
    const {env, socket, torque} = await openHome()
    const receiver = await openReceiver({delayMs: 700})
    const serve = await startServe(env)
    await torque('add', receiver.url(), '--quiet')
    await receiver.received(1)

    const code = await serve.end('SIGINT')

    expect(code).toBe(0)
    expect(serve.logged('Redis is away')).toBeUndefined()
    expect(serve.logged('some tasks are left to their leases')).toBeUndefined()
    expect(await listens(socket)).toBe(false)
  })
})

describe('without a serve, and with no Redis named', () => {
  it('every command ends with 69 and says what to start', async () => {
    const {torque} = await openHome()

    const runs = await Promise.all([torque('add', 'http://localhost/'), torque('list'), torque('purge', '--all', '--yes')])

    for (const {code, stdout, stderr} of runs) {
      expect({code, stdout}).toEqual({code: 69, stdout: ''})
      expect(stderr).toContain('torque serve')
    }
  })
})

describe('serve, with a Redis named that is down', () => {
  it('does not fall back on the private one', async () => {
    const {env, socket} = await openHome()
    const serve = new ServeProcess(['-p', '0', '--redis', 'redis://127.0.0.1:9'], env)

    expect(await serve.exited()).toBe(69)
    expect(await listens(socket)).toBe(false)
  })
})
