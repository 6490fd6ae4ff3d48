import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import type {ReceivedCall} from '../support/receiver.js'
import {openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque} from '../support/torque.js'

/** How often each task was called. */
function callsById(calls: readonly ReceivedCall[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const {headers} of calls) {
    const id = String(headers['webhook-id'])
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

const tasksFor = (url: string, count: number) =>
  Array.from({length: count}, (_, index) => newTask({url, params: `{"n":${index}}`}))

describe('serve', () => {
  it('drains 20,000 tasks without a loss or a double call', async () => {
    const {env, queue, inspector} = await openTorque()
    const receiver = await openReceiver()
    await queue.add(tasksFor(receiver.url('/hook'), 20_000))

    const serve = await startServe(env, ['--drain', '--keep-delivered', '10'])
    const code = await serve.exited()

    expect(code).toBe(0)
    expect(receiver.calls).toHaveLength(20_000)
    expect(callsById(receiver.calls).size).toBe(20_000)
    expect((await inspector.stats()).totals).toMatchObject({active: 0, ready: 0, delivered: 10, deliveredTotal: 20_000})
  }, 90_000)

  it('shares the work with a second one, and calls nothing twice', async () => {
    const {env, queue, inspector} = await openTorque()
    const receiver = await openReceiver({delayMs: 2})
    const serves = await Promise.all([startServe(env, ['--no-http']), startServe(env, ['--no-http'])])

    await queue.add(tasksFor(receiver.url('/hook'), 3_000))
    await receiver.received(3_000)
    const codes = await Promise.all(serves.map((serve) => serve.end()))

    expect(codes).toEqual([0, 0])
    expect(callsById(receiver.calls).size).toBe(3_000)
    expect(receiver.calls).toHaveLength(3_000)
    expect((await inspector.stats()).totals).toMatchObject({deliveredTotal: 3_000, active: 0})
  }, 60_000)

  it('loses nothing when one of two is killed, and calls again only what that one had in flight', async () => {
    const {env, queue} = await openTorque()
    const receiver = await openReceiver((_call, index) => ({delayMs: index < 400 ? 300 : 0}))
    const [victim, survivor] = await Promise.all([
      startServe(env, ['--no-http', '--lease', '2s', '--concurrency', '40']),
      startServe(env, ['--no-http', '--lease', '2s', '--concurrency', '40']),
    ])

    await queue.add(tasksFor(receiver.url('/hook'), 500))
    await receiver.received(60)
    await victim.end('SIGKILL')
    await survivor.untilLogged('lease_lost')
    while (callsById(receiver.calls).size < 500) await receiver.received(receiver.calls.length + 1)

    expect(receiver.calls.length - 500).toBeLessThanOrEqual(40)
  }, 60_000)

  it('calls other targets at once while one hangs', async () => {
    const {env, queue} = await openTorque()
    const [hung, fine] = await Promise.all([openReceiver({hang: true}), openReceiver()])
    const serve = await startServe(env, ['--no-http', '--concurrency', '20', '--shutdown-timeout', '0s'])

    await queue.add(tasksFor(hung.url('/hook'), 200))
    await hung.received(5)
    await queue.add(tasksFor(fine.url('/hook'), 100))
    await fine.received(100)

    expect(hung.calls.length).toBeLessThanOrEqual(20)
    expect(serve.hasEnded).toBe(false)
  }, 60_000)
})
