import {describe, expect, it, onTestFinished} from 'vitest'

import {patiently} from '../support/patiently.js'
import {ServeProcess, startServe} from '../support/serve.js'
import {openTorque} from '../support/torque.js'
import {startWorkers, untilGone} from './start-workers.js'

/** Two workers with a call each under way, which end when told to. */
async function startCalling(args: readonly string[] = []) {
  let finish = () => {}
  const finished = new Promise<object>((resolve) => (finish = () => resolve({})))
  const started = await startWorkers(['--concurrency', '1', ...args], () => finished)
  // What a failing test leaves running does not hold up those after it.
  onTestFinished(finish)
  await started.add(2)
  await started.receiver.received(2)
  return {...started, workers: await started.pids(), finish}
}

describe('serve --workers, told to end', () => {
  it('lets the calls of all workers finish, takes tasks until then, and exits 0', async () => {
    const {serve, workers, finish, add, totals, store} = await startCalling()

    serve.child.kill('SIGTERM')
    await serve.untilLogged('torque stops')
    await expect.poll(async () => (await fetch(`${serve.url}/readyz`)).status, patiently).toBe(503)
    await add()
    finish()

    expect(await serve.exited()).toBe(0)
    await untilGone(workers)
    expect(await totals()).toMatchObject({delivered: 2, ready: 1, active: 0})
    expect(await store.processes.live()).toEqual([])
    expect(serve.log.filter(({msg, level}) => Number(level) >= 50 || msg.startsWith('a worker'))).toEqual([])
  })

  it('takes the signal that a terminal sends to all of them for one', async () => {
    const {serve, workers, finish, totals} = await startCalling()

    for (const pid of [...workers, serve.child.pid!, ...workers]) process.kill(pid, 'SIGINT')
    await serve.untilLogged('torque stops')
    finish()

    expect(await serve.exited()).toBe(0)
    await untilGone(workers)
    expect(await totals()).toMatchObject({delivered: 2, active: 0})
    expect(serve.logged('a worker ended')).toBeUndefined()
  })

  it('gives back what outlasts --shutdown-timeout', async () => {
    const {serve, workers, totals} = await startCalling(['--shutdown-timeout', '100ms'])

    expect(await serve.end()).toBe(0)

    await untilGone(workers)
    expect(await totals()).toMatchObject({ready: 2, active: 0})
  })

  it('ends all at once at a second signal, also a worker that hangs', async () => {
    const {serve, workers, totals} = await startCalling()
    process.kill(workers[0]!, 'SIGSTOP')
    serve.child.kill('SIGINT')
    await serve.untilLogged('torque stops')

    await serve.end('SIGTERM')

    expect(serve.child.signalCode).toBe('SIGTERM')
    await untilGone(workers)
    // What the other one ran it has given back.
    expect(await totals()).toMatchObject({ready: 1, active: 1})
  })

  it('kills a worker that hangs, once its time is up, and says so', {timeout: 40_000}, async () => {
    const {serve, workers} = await startCalling(['--shutdown-timeout', '0s'])
    process.kill(workers[0]!, 'SIGSTOP')

    expect(await serve.end()).toBe(0)

    await untilGone(workers)
    expect(serve.logged('a worker did not stop in time')).toMatchObject({level: 50, pid: workers[0]})
  })

  it.each([0, 1])('while its workers start, %i of them being there, leaves none behind', async (count) => {
    const {env, store} = await openTorque()
    const serve = new ServeProcess(['-p', '0', '--workers', '2'], env)
    onTestFinished(async () => void (await serve.end('SIGKILL')))
    await expect
      .poll(async () => (await store.processes.live()).length, {...patiently, interval: 1})
      .toBeGreaterThanOrEqual(count)

    const code = await serve.end()

    expect(count === 0 ? [0, 143] : [0]).toContain(code)
    expect(await store.processes.live()).toEqual([])
    expect(serve.log.filter(({level}) => Number(level) >= 50)).toEqual([])
  })
})

describe('a supervisor that is killed', () => {
  it('leaves workers that finish their calls and end, and a port for the next one', {timeout: 40_000}, async () => {
    const {serve, env, workers, finish, totals, add, receiver} = await startCalling()
    const {port} = new URL(serve.url)

    process.kill(serve.child.pid!, 'SIGKILL')
    await expect.poll(() => serve.log.filter(({msg}) => msg.startsWith('the supervisor is gone')), patiently).toHaveLength(2)
    const next = await startServe(env, ['--workers', '2', '-p', port])
    await add()
    await receiver.received(3)
    finish()
    await untilGone(workers)

    expect(next.url).toBe(serve.url)
    await expect.poll(totals, patiently).toMatchObject({delivered: 3, active: 0})
    expect(receiver.calls).toHaveLength(3)
    expect(serve.log.filter(({msg}) => msg.startsWith('the supervisor is gone')).map(({pid}) => pid)).toEqual(
      expect.arrayContaining(workers),
    )
  })
})
