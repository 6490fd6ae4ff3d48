import {describe, expect, inject, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {openCutProxy} from '../support/cut-proxy.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque} from '../support/torque.js'

const leaseMs = 1_000
const args = ['--no-http', '--lease', '1s']

describe('serve, killed', () => {
  it('with calls under way, costs one more call of each, by another serve within lease + 2 s, and no error', async () => {
    const {env, queue, inspector} = await openTorque()
    const receiver = await openReceiver((_call, index) => (index < 10 ? {hang: true} : {}))
    const victim = await startServe(env, args)
    const tasks = Array.from({length: 10}, () => newTask({url: receiver.url()}))
    await queue.add(tasks)
    await receiver.received(10)
    await startServe(env, args)

    await victim.end('SIGKILL')
    const killedAt = Date.now()
    const calls = await receiver.received(20)

    await expect.poll(async () => (await inspector.stats()).totals, patiently).toMatchObject({delivered: 10, active: 0})
    const again = calls.slice(10)
    expect(Math.max(...again.map(({at}) => at)) - killedAt).toBeLessThan(leaseMs + 7_000)
    expect(new Set(again.map(({headers}) => headers['webhook-id']))).toEqual(new Set(tasks.map(({id}) => id)))
    expect(again.map(({headers}) => headers['torque-attempt'])).toEqual(Array(10).fill('2'))
    for (const {run} of await inspector.find(tasks.map(({id}) => id))) expect(run).toMatchObject({errors: 0, lostLeases: 1})
    expect(receiver.calls).toHaveLength(20)
  })

  it('after an answer that it could not write down, calls once more, under the same id', async () => {
    const {env, queue, inspector} = await openTorque()
    const proxy = await openCutProxy(inject('redisUrl'))
    let answer = () => {}
    const answered = new Promise<object>((resolve) => (answer = () => resolve({})))
    const receiver = await openReceiver((_call, index) => (index === 0 ? answered : {}))
    const victim = await startServe({...env, TORQUE_REDIS_URL: proxy.url}, args)
    const task = newTask({url: receiver.url()})
    await queue.add([task])
    await receiver.received(1)
    proxy.leadTo('unix:///nowhere')
    proxy.cut()
    answer()
    await victim.untilLogged('Redis is away')

    await victim.end('SIGKILL')
    await startServe(env, args)
    const calls = await receiver.received(2)

    await expect.poll(async () => (await inspector.stats()).totals, patiently).toMatchObject({delivered: 1, active: 0})
    expect(calls.map(({headers}) => [headers['webhook-id'], headers['torque-attempt']])).toEqual([
      [task.id, '1'],
      [task.id, '2'],
    ])
  })
})

describe('serve, stopped for longer than its lease', () => {
  it('writes down the answer that came meanwhile where nobody took the task', async () => {
    const {env, queue, inspector} = await openTorque()
    const receiver = await openReceiver({delayMs: 200})
    const serve = await startServe(env, args)
    const task = newTask({url: receiver.url()})
    await queue.add([task])
    await receiver.received(1)
    serve.child.kill('SIGSTOP')
    const leaseEnded = async () => ((await inspector.find([task.id]))[0]?.leaseEndsAt ?? Infinity) < Date.now() - 200
    await expect.poll(leaseEnded, patiently).toBe(true)

    serve.child.kill('SIGCONT')

    await expect.poll(async () => (await inspector.find([task.id]))[0]?.state, patiently).toBe('delivered')
    expect((await inspector.find([task.id]))[0]?.run).toMatchObject({attempts: 1, lostLeases: 0})
    expect(receiver.calls).toHaveLength(1)
    expect(serve.logged('stale_lease')).toBeUndefined()
  })
})
