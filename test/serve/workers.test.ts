import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {moduleReport} from '../support/loaded-modules.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {ServeProcess, startServe} from '../support/serve.js'
import {openTorque, runJs, scratchDir} from '../support/torque.js'
import {startWorkers, untilGone} from './start-workers.js'

const idsOf = (calls: readonly {headers: Record<string, unknown>}[]) => calls.map(({headers}) => headers['webhook-id'])

/** A request on a connection of its own: any of the workers may get it. */
const ask = (url: string, init: {method?: string; body?: URLSearchParams} = {}) =>
  fetch(url, {...init, headers: {connection: 'close'}})

/** What stands after the program in a list of processes, for all to read. Linux only; elsewhere what it should be. */
function argumentsOf(pid: number): string[] {
  if (process.platform !== 'linux') return ['serve', '--worker']
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(2, -1)
}

describe('serve --workers', () => {
  it('is so many processes that share one port and the queues, and is ready once', async () => {
    const {serve, pids, receiver, totals} = await startWorkers()
    const body = () => new URLSearchParams({url: receiver.url()})

    const answers = await Promise.all(
      Array.from({length: 60}, () => ask(`${serve.url}/hooks/add`, {method: 'POST', body: body()})),
    )
    const calls = await receiver.received(60)

    expect(new Set(answers.map(({status}) => status))).toEqual(new Set([200]))
    expect(new Set(idsOf(calls)).size).toBe(60)
    expect(new Set([serve.child.pid, ...(await pids())]).size).toBe(3)
    for (const pid of await pids()) expect(argumentsOf(pid)).toEqual(['serve', '--worker'])
    expect(serve.log.map(({msg}) => msg).filter((msg) => msg === 'torque is ready')).toHaveLength(1)
    expect(serve.logged('torque is ready')).toMatchObject({pid: serve.child.pid, workers: 2, url: expect.stringMatching(/:\d+$/)})
    await expect.poll(totals, patiently).toMatchObject({deliveredTotal: 60, active: 0})
  })

  it('calls nothing twice, with both at work', async () => {
    const {add, receiver, totals} = await startWorkers(['--no-http', '--concurrency', '20'], {delayMs: 5})

    await add(1_000)
    await receiver.received(1_000)

    await expect.poll(totals, patiently).toMatchObject({deliveredTotal: 1_000, active: 0})
    expect(new Set(idsOf(receiver.calls)).size).toBe(1_000)
    expect(receiver.calls).toHaveLength(1_000)
  })

  it('lets no worker call the address they listen on', async () => {
    const {serve, queue, totals} = await startWorkers(['--keep-delivered', '0'])
    const url = `${serve.url}/hooks/add`

    const refused = await Promise.all(
      Array.from({length: 20}, () => ask(url, {method: 'POST', body: new URLSearchParams({url})})),
    )
    // Past the endpoint, as `torque add` writes it.
    await queue.add(Array.from({length: 200}, () => newTask({url})))

    expect(new Set(refused.map(({status}) => status))).toEqual(new Set([400]))
    await expect.poll(totals, patiently).toMatchObject({dead: 200, ready: 0, active: 0})
  })

  it('with --drain, ends with 0 when all have found nothing left that is due', async () => {
    const {env, queue, inspector} = await openTorque()
    const receiver = await openReceiver({delayMs: 20})
    await queue.add(Array.from({length: 100}, () => newTask({url: receiver.url()})))
    await queue.add([newTask({url: receiver.url('/later'), delay: '1h'})])

    const serve = new ServeProcess(['--workers', '2', '--drain', '-p', '0'], env)

    expect(await serve.exited()).toBe(0)
    expect(serve.logged('torque stops')).toMatchObject({reason: 'drained'})
    expect(serve.logged('a worker ended')).toBeUndefined()
    expect((await inspector.stats()).totals).toMatchObject({delivered: 100, scheduled: 1, ready: 0, active: 0})
    expect(receiver.calls).toHaveLength(100)
  })

  it('listens on every address of a name', async () => {
    const {serve} = await startWorkers(['--host', 'localhost'])
    const {port} = new URL(serve.url)

    const answers = await Promise.all(['127.0.0.1', 'localhost'].map((host) => ask(`http://${host}:${port}/readyz`)))

    expect(answers.map(({status}) => status)).toEqual([200, 200])
  })

  it('loads little into its supervisor', async () => {
    const {env} = await openTorque()
    const report = moduleReport()
    const program = [process.execPath, ...report.args, runJs, 'serve']

    const serve = new ServeProcess(['--workers', '2', '--drain', '--no-http'], {...env, ...report.env}, program)
    await serve.exited()

    const {[serve.child.pid!]: supervisor, ...workers} = Object.fromEntries(report.read())
    const loads = (files: readonly string[] = []) =>
      ['/ioredis.cjs', '/fastify/', '/pino/'].filter((part) => files.some((file) => file.includes(part)))
    expect(loads(supervisor)).toEqual(['/pino/'])
    expect(Object.values(workers).map(loads)).toEqual(Array(2).fill(['/ioredis.cjs', '/fastify/', '/pino/']))
  })

  it.each(['bin/run-taskqueue', 'scripts/start.js'])('is what %s takes, too', async (path) => {
    const {env, store} = await openTorque()
    const home = scratchDir()

    const serve = await startServe({...env, TORQUE_HOME: home}, ['--workers', '2'], [process.execPath, path])

    expect((await store.processes.live()).map(({pid}) => argumentsOf(pid))).toEqual([
      ['serve', '--worker'],
      ['serve', '--worker'],
    ])
    expect(await serve.end()).toBe(0)
  })

  it('of one is serve itself', async () => {
    const {env, store} = await openTorque()

    const serve = await startServe(env, ['--workers', '1'])

    expect((await store.processes.live()).map(({pid}) => pid)).toEqual([serve.child.pid])
  })
})

describe('a worker that is killed', () => {
  it('is replaced, its tasks are called again, and the other goes on', async () => {
    const {serve, pids, add, receiver, totals} = await startWorkers(['--lease', '1s', '--concurrency', '4'], (_call, index) => ({
      delayMs: index < 8 ? 400 : 0,
    }))
    const before = await pids()
    const [victim, other] = before as [number, number]

    await add(40)
    await receiver.received(6)
    process.kill(victim, 'SIGKILL')
    await serve.untilLogged('a worker is ready')

    await expect.poll(totals, patiently).toMatchObject({deliveredTotal: 40, active: 0})
    expect(serve.logged('a worker ended')).toMatchObject({level: 50, pid: victim, how: 'SIGKILL'})
    expect(await pids()).toEqual(expect.arrayContaining([other, serve.logged('a worker is ready')!['pid']]))
    expect(receiver.calls.length - 40).toBeLessThanOrEqual(4)
    expect(new Set(idsOf(receiver.calls)).size).toBe(40)
    expect((await fetch(`${serve.url}/readyz`)).status).toBe(200)
  })

  it('is replaced by one that listens where it did, also when all are killed at once', async () => {
    const {serve, pids} = await startWorkers()

    const killed = await pids()
    for (const pid of killed) process.kill(pid, 'SIGKILL')
    await untilGone(killed)

    await expect.poll(() => serve.log.filter(({msg}) => msg === 'a worker is ready'), patiently).toHaveLength(2)
    const answers = await Promise.all(Array.from({length: 20}, () => ask(`${serve.url}/readyz`)))
    expect(new Set(answers.map(({status}) => status))).toEqual(new Set([200]))
    expect(serve.logged('a worker could not start')).toBeUndefined()
  })

  it('ends in order at a SIGTERM of its own, and is replaced', async () => {
    const {serve, pids, add, receiver, totals} = await startWorkers([], {delayMs: 300})
    const [told] = (await pids()) as [number]
    await add(20)
    await receiver.received(20)

    process.kill(told, 'SIGTERM')
    await serve.untilLogged('a worker is ready')

    expect(serve.logged('a worker ended')).toMatchObject({level: 30, pid: told, how: 'exit 0'})
    await expect.poll(totals, patiently).toMatchObject({deliveredTotal: 20, active: 0})
    expect(receiver.calls).toHaveLength(20)
  })
})
