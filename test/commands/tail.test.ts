import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {describe, expect, it, onTestFinished} from 'vitest'

import type {OutcomeView} from '../../src/cli/outcomes/outcome-rows.js'
import {testPolicy, startDispatcher} from '../support/dispatcher.js'
import {openReceiver} from '../support/receiver.js'
import {aTask} from '../support/tasks.js'
import {cleanEnv, openTorque, runJs, runTorque} from '../support/torque.js'

/** A `torque tail` that is there: what is added from now on it hears of. */
async function startTail(args: readonly string[]) {
  const torque = await openTorque()
  const receiver = await openReceiver(({url}) => ({status: url.startsWith('/good') ? 200 : 503}))
  await startDispatcher(torque.store, {policy: {...testPolicy, maxErrors: 1}})
  const child = spawn(process.execPath, [runJs, 'tail', ...args], {
    env: cleanEnv(torque.env),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]()
  const next = async () => (await lines.next()).value as string
  // The serves tell nothing before they have heard that somebody watches.
  const probe = setInterval(() => void torque.queue.add([aTask({url: receiver.url('/good/probe')})]).catch(() => {}), 100)
  const stopProbe = () => clearInterval(probe)
  onTestFinished(stopProbe)
  return {...torque, receiver, child, next, stopProbe}
}

describe('torque tail', () => {
  it('prints what attempts come to as lines, until Ctrl-C', async () => {
    const {next, child, stopProbe} = await startTail([])

    const line = await next()
    stopProbe()
    child.kill('SIGINT')

    expect(line).toMatch(/^\S+Z\ttask\S+\tdefault\tdelivered\t1\t200\t\t\d+\t\d+\thttp:\S+\/good\/probe$/)
    expect((await once(child, 'close'))[0]).toBe(130)
  })

  it('prints those that are meant as documents, and ends after so many', async () => {
    const filters = ['--state', 'dead', '--url', '*/bad', '--status', '5xx', '--param', 'foo=somevalue', '--older-than', '0']
    const {next, child, queue, receiver, store} = await startTail(['--ndjson', '--limit', '2', ...filters])
    const probing = setInterval(() => {
      const params = {kind: 'params', text: '{"foo":"other"}'} as const
      void queue.add([aTask({url: receiver.url('/bad')}), aTask({url: receiver.url('/bad'), payload: params})]).catch(() => {})
    }, 100)
    onTestFinished(() => clearInterval(probing))

    const heard = [JSON.parse(await next()), JSON.parse(await next())] as OutcomeView[]
    clearInterval(probing)

    expect((await once(child, 'close'))[0]).toBe(0)
    expect(heard).toMatchObject([{outcome: 'dead', status: 503, error: 'http_status', attempt: 1}, {url: receiver.url('/bad')}])
    const records = await store.inspector.find(heard.map(({id}) => id))
    expect(records.every(({task}) => task.payload.kind === 'params' && task.payload.text.includes('somevalue'))).toBe(true)
  })

  it.each(['ready', 'dead,scheduled'])('refuses --state %s, which no attempt comes to', async (state) => {
    expect(await runTorque(['tail', '--state', state])).toMatchObject({code: 2, stderr: expect.stringContaining('retrying')})
  })

  it('takes no --json, since it does not end', async () => {
    expect(await runTorque(['tail', '--json'])).toMatchObject({code: 2, stdout: ''})
  })
})
