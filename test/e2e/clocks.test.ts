import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {type ServeProcess, startServe} from '../support/serve.js'
import {openTorque, runJs} from '../support/torque.js'

const shiftedClock = fileURLToPath(new URL('../support/shifted-clock.js', import.meta.url))
const hourMs = 3_600_000

/** A serve whose host has a wrong clock. */
function startShifted(env: Record<string, string>, shiftMs: number): Promise<ServeProcess> {
  const program = [process.execPath, '--import', shiftedClock, runJs, 'serve']
  return startServe({...env, TORQUE_TEST_SHIFT_MS: String(shiftMs)}, ['--lease', '1s', '--min-backoff', '1s'], program)
}

async function add({url}: ServeProcess, fields: Record<string, string>): Promise<string> {
  const response = await fetch(`${url}/hooks/add`, {method: 'POST', body: new URLSearchParams(fields)})
  return ((await response.json()) as {id: string}).id
}

describe('serves whose clocks are two hours apart, and jump', () => {
  it('call nothing early, late or twice', {timeout: 40_000}, async () => {
    const {env, inspector} = await openTorque()
    // One call lasts for longer than its lease, and its process's clock jumps meanwhile; one fails and is tried again.
    const receiver = await openReceiver(({url}, index) =>
      url === '/slow' ? {delayMs: 2500} : url === '/fails' && index < 4 ? {status: 500} : {},
    )
    const serves = [await startShifted(env, hourMs), await startShifted(env, -hourMs)]
    const due = new Map<string, number>()
    for (const serve of serves) {
      const start = Date.now()
      await add(serve, {url: receiver.url('/slow')})
      await add(serve, {url: receiver.url('/fails')})
      due.set(await add(serve, {url: receiver.url('/delay'), delay: '1.5'}), start + 1500)
      due.set(await add(serve, {url: receiver.url('/at'), at: new Date(start + 2000).toISOString()}), start + 2000)
      await add(serve, {url: receiver.url('/hour'), delay: '1h'})
    }
    await receiver.received(4)
    for (const {child} of serves) child.kill('SIGUSR2')

    await expect
      .poll(async () => (await inspector.stats()).totals, patiently)
      .toMatchObject({delivered: 8, scheduled: 2, active: 0})

    const paths = receiver.calls.map(({url}) => url).toSorted()
    expect(paths).toEqual(['/at', '/at', '/delay', '/delay', '/fails', '/fails', '/fails', '/fails', '/slow', '/slow'])
    for (const {headers, at} of receiver.calls) {
      const dueAt = due.get(String(headers['webhook-id'])) ?? 0
      expect(at).toBeGreaterThanOrEqual(dueAt)
      if (dueAt > 0) expect(at - dueAt).toBeLessThan(5_000)
      // The time of Redis, which is right here.
      expect(Math.abs(Number(headers['webhook-timestamp']) - at / 1000)).toBeLessThan(10)
    }
    const said = serves.flatMap(({log}) => log.map(({msg}) => msg.split(':')[0]))
    for (const fault of ['lease_lost', 'stale_lease', 'Redis is away']) expect(said).not.toContain(fault)
  })
})
