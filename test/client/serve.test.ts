import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {createInterface} from 'node:readline'
import {describe, expect, inject, it, onTestFinished} from 'vitest'

import {Receiver, type ReceivedCall} from '../../src/cli/listen/receiver.js'
import {Task, TorqueError, add, addMany} from '../../src/index.js'

/** A `torque serve` of this test's own. */
async function startServe(...flags: string[]): Promise<string> {
  const args = ['serve', '-p', '0', '--redis', inject('redisUrl'), '--namespace', `t-${randomUUID().slice(0, 20)}`, ...flags]
  const env = {...process.env, TORQUE_AUTH_TOKEN: 'all', TORQUE_ADD_TOKEN: 'add'}
  const child = spawn(process.execPath, ['bin/run.js', ...args, '--log-format', 'json'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface({input: child.stderr})) {
    const url = /"url":"(http:[^"]+)"/.exec(line)?.[1]
    if (url) return url
  }
  throw new Error('serve ended')
}

/** A receiver, and the calls it gets as they come. */
async function startReceiver() {
  const calls: ReceivedCall[] = []
  let arrived = () => {}
  const onCall = (call: ReceivedCall) => {
    calls.push(call)
    arrived()
  }
  const receiver = new Receiver({host: '127.0.0.1', port: 0, status: 200, fail: 0, delayMs: 0, onCall})
  onTestFinished(() => receiver.stop())
  const url = await receiver.start()
  const received = async (count: number) => {
    while (calls.length < count) await new Promise<void>((resolve) => (arrived = resolve))
    return calls
  }
  return {url, received}
}

describe('the client and a running serve', () => {
  it('add, and the hook arrives with its fields as given', async () => {
    const [url, receiver] = [await startServe('--base-task-url', 'http://unused.example'), await startReceiver()]
    const target = `${receiver.url}/hooks/do/foo`

    const result = await add({url: target, params: {foo: 'somevalue', baz: 99}, headers: {'x-from': 'test'}}, {url, token: 'add'})

    const [call] = await receiver.received(1)
    expect(result).toEqual({
      id: expect.any(String),
      queue: 'default',
      state: 'ready',
      dueAt: expect.any(String),
      duplicate: false,
    })
    expect(call).toMatchObject({method: 'POST', path: '/hooks/do/foo', headers: {'webhook-id': result.id, 'x-from': 'test'}})
    expect(String(call?.body)).toBe('foo=somevalue&baz=99')
  })

  it('take the example of the original: a Task with a delay', async () => {
    const [url, receiver] = [await startServe('--base-task-url', 'http://unused.example'), await startReceiver()]
    const task = new Task({url: `${receiver.url}/hooks/do/foo`, params: {a: 1}, delay: 0.5})

    const added = await task.add({url, token: 'all'})

    const [call] = await receiver.received(1)
    expect(added.state).toBe('scheduled')
    expect(call?.receivedAt).toBeGreaterThanOrEqual(Date.parse(added.dueAt!))
  })

  it('know a task that was added before, and one that is not the same', async () => {
    const [url, receiver] = [await startServe(), await startReceiver()]
    const settings = {url, token: 'add'}
    const task = {url: receiver.url, id: 'order-7', params: {a: 1}, delay: 60}
    await add(task, settings)

    expect(await add(task, settings)).toMatchObject({id: 'order-7', duplicate: true, state: 'scheduled'})
    await expect(add({...task, params: {a: 2}}, settings)).rejects.toMatchObject({code: 'idempotency_conflict'})
  })

  it('say which of many were not taken, and why', async () => {
    const [url, receiver] = [await startServe(), await startReceiver()]
    const list = [
      {url: receiver.url, params: '{"a": 1.0}'},
      {url: 'ftp://localhost/'},
      {url: '/relative'},
      {url: receiver.url, parms: {}},
      {url: receiver.url, json: null},
    ]

    const results = await addMany(list, {url, token: 'add'})

    expect(results.map((result) => (result instanceof TorqueError ? result.code : result.state))).toEqual([
      'ready',
      'invalid_url',
      'invalid_url',
      'unknown_field',
      'ready',
    ])
    expect((await receiver.received(2)).map(({body}) => String(body)).sort()).toEqual(['a=1.0', 'null'])
  })

  it('refuse whoever has no token', async () => {
    const url = await startServe()

    await expect(add({url: 'http://localhost/'}, {url})).rejects.toMatchObject({code: 'unauthorized'})
    await expect(addMany([{url: 'http://localhost/'}], {url, token: 'wrong'})).rejects.toMatchObject({code: 'unauthorized'})
  })
})
