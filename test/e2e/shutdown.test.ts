import {once} from 'node:events'
import {connect} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {patiently} from '../support/patiently.js'
import {type Answers, openReceiver} from '../support/receiver.js'
import {ServeProcess, startServe} from '../support/serve.js'
import {openTorque} from '../support/torque.js'

/** A serve with one call under way. */
async function startCalling(answers: Answers, args: readonly string[] = []) {
  const opened = await openTorque()
  const receiver = await openReceiver(answers)
  const serve = await startServe(opened.env, args)
  const task = newTask({url: receiver.url()})
  await opened.queue.add([task])
  await receiver.received(1)
  const record = async () => (await opened.inspector.find([task.id]))[0]
  return {...opened, receiver, serve, task, record}
}

/** A client that asked once and keeps its connection. */
async function openIdleConnection(url: string) {
  const {hostname, port, host} = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await once(socket, 'data')
  return socket
}

describe('serve, told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s, is no longer ready, lets its call finish, claims no more, and exits 0',
    async (signal) => {
      let finish = () => {}
      const finished = new Promise<object>((resolve) => (finish = () => resolve({})))
      const {serve, queue, inspector, receiver, record} = await startCalling(() => finished)
      const idle = await openIdleConnection(serve.url)

      serve.child.kill(signal)
      await serve.untilLogged('torque stops')
      const ready = await fetch(`${serve.url}/readyz`)
      await queue.add([newTask({url: receiver.url()})])
      finish()
      const code = await serve.exited()

      expect([ready.status, code]).toEqual([503, 0])
      expect(await record()).toMatchObject({state: 'delivered', run: {attempts: 1, errors: 0}})
      expect((await inspector.stats()).totals).toMatchObject({ready: 1, active: 0})
      expect(receiver.calls).toHaveLength(1)
      expect(idle.readableEnded || idle.destroyed).toBe(true)
      expect(serve.log.filter((line) => Number(line['level']) >= 50)).toEqual([])
    },
  )

  it('gives back what outlasts --shutdown-timeout, and another serve calls it within 2 s as its next attempt', async () => {
    const {serve, env, receiver, record} = await startCalling(
      (_call, index) => (index === 0 ? {hang: true} : {}),
      ['--shutdown-timeout', '100ms'],
    )
    const other = new ServeProcess(['--no-http'], env)
    onTestFinished(async () => void (await other.end('SIGKILL')))
    await other.untilLogged('torque is ready')

    const code = await serve.end()
    const endedAt = Date.now()
    const [, second] = await receiver.received(2)

    expect(code).toBe(0)
    expect((second?.at ?? 0) - endedAt).toBeLessThan(8_000)
    expect(second?.headers['torque-attempt']).toBe('2')
    await expect.poll(async () => (await record())?.state, patiently).toBe('delivered')
    expect((await record())?.run).toMatchObject({attempts: 2, errors: 0, lostLeases: 0})
  })

  it.each([
    ['SIGINT', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
  ] as const)('by %s, ends at once at a %s, and gives back what ran', async (first, second) => {
    const {serve, record} = await startCalling({hang: true})
    serve.child.kill(first)
    await serve.untilLogged('torque stops')
    const start = performance.now()

    await serve.end(second)

    // As a shell has it: 130 or 143.
    expect(serve.child.signalCode).toBe(second)
    expect(performance.now() - start).toBeLessThan(8_000)
    expect(await record()).toMatchObject({state: 'ready', run: {attempts: 1, errors: 0, lostLeases: 0}})
  })

  it('under load loses no task and calls none twice, also of those that it took while it stopped', async () => {
    const {env, inspector} = await openTorque()
    const receiver = await openReceiver({delayMs: 30})
    const [stopped, other] = await Promise.all([startServe(env), startServe(env)])
    const ids: string[] = []
    const produce = async () => {
      for (let urls = [stopped.url, other.url]; urls.length > 0 && ids.length < 400;) {
        const body = new URLSearchParams({url: receiver.url()})
        const answer = await fetch(`${urls[0]}/hooks/add`, {method: 'POST', body}).catch(() => null)
        if (answer?.ok) ids.push(((await answer.json()) as {id: string}).id)
        else urls = urls.slice(1)
      }
    }
    const produced = Promise.all(Array.from({length: 4}, produce))
    await receiver.received(50)

    const code = await stopped.end()
    await produced
    await expect.poll(async () => (await inspector.stats()).totals.deliveredTotal, patiently).toBe(ids.length)

    expect(code).toBe(0)
    expect(receiver.calls.map(({headers}) => headers['webhook-id']).toSorted()).toEqual(ids.toSorted())
  })
})

describe('serve --drain', () => {
  it('exits 0 when what was due is done, with a delayed and a retrying task left', async () => {
    const {env, queue, inspector} = await openTorque()
    const receiver = await openReceiver(({url}) => ({status: url === '/fails' ? 500 : 200}))
    const tasks = ['/a', '/b', '/fails'].map((path) => newTask({url: receiver.url(path)}))
    await queue.add([...tasks, newTask({url: receiver.url('/later'), delay: '1h'})])

    const serve = new ServeProcess(['--drain', '--no-http', '--min-backoff', '1h'], env)

    expect(await serve.exited()).toBe(0)
    expect((await inspector.stats()).totals).toMatchObject({delivered: 2, retrying: 1, scheduled: 1, ready: 0, active: 0})
  })
})

describe('serve', () => {
  it('with --no-dispatch, takes tasks and calls none; another with --no-http calls them', async () => {
    const {env, inspector} = await openTorque()
    const receiver = await openReceiver()
    const taker = await startServe(env, ['--no-dispatch'])
    const add = () => fetch(`${taker.url}/hooks/add`, {method: 'POST', body: new URLSearchParams({url: receiver.url()})})

    const answer = await add()
    const before = (await inspector.stats()).totals
    const caller = await startServe(env, ['--no-http'])
    await receiver.received(1)
    await add()
    await receiver.received(2)

    expect([answer.status, before.ready]).toEqual([200, 1])
    expect(caller.url).toBeUndefined()
    expect(await taker.end()).toBe(0)
  })

  it('delivers only the queues named with -q, also when they come to be later', async () => {
    const {env, store, inspector} = await openTorque()
    const receiver = await openReceiver()
    await startServe(env, ['--no-http', '-q', 'one', '-q', 'two'])

    for (const name of ['default', 'one', 'other', 'two'])
      await store.queue(name).add([newTask({url: receiver.url(), queue: name})])
    const calls = await receiver.received(2)

    await expect.poll(async () => (await inspector.stats()).totals.delivered, patiently).toBe(2)
    expect(calls.map(({headers}) => String(headers['torque-queue'])).toSorted()).toEqual(['one', 'two'])
    expect((await inspector.stats()).totals.ready).toBe(2)
  })

  it('lets show say which of its limits hold, and the defaults once it has ended', async () => {
    const {env, queue, json} = await openTorque()
    const task = newTask({url: 'http://127.0.0.1:9/', delay: '1h'})
    await queue.add([task])
    const limits = async () => {
      const {maxErrors, timeoutMs} = await json<{maxErrors: number; timeoutMs: number}>(['show', task.id])
      return {maxErrors, timeoutMs}
    }
    const serve = await startServe(env, ['--no-http', '--max-task-errors', '7', '--task-timeout', '9s'])

    const during = await limits()
    await serve.end()

    expect(during).toEqual({maxErrors: 7, timeoutMs: 9000})
    expect(await limits()).toEqual({maxErrors: 10, timeoutMs: 30_000})
  })
})
