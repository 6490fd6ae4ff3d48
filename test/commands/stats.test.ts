import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {cleanEnv, openTorque, runJs} from '../support/torque.js'

const noPace = {
  rates: {
    '1m': {added: null, delivered: 0, errors: 0, dead: 0},
    '5m': {added: null, delivered: 0, errors: 0, dead: 0},
    '1h': {added: null, delivered: 0, errors: 0, dead: 0},
  },
  waitMs: {p50: null, p95: null, p99: null},
  deliveryMs: {p50: null, p95: null, p99: null},
}

const none = {
  ...noPace,
  scheduled: 0,
  ready: 0,
  active: 0,
  retrying: 0,
  dead: 0,
  delivered: 0,
  addedTotal: 0,
  deliveredTotal: 0,
  deadTotal: 0,
  oldestDueAt: null,
}

describe('stats', () => {
  it('counts by state, in all and by queue', async () => {
    const {json, queue, store} = await openTorque()
    for (const state of ['dead', 'delivered', 'retrying'] as const) await bringTo(state, queue)
    await bringTo('scheduled', store.queue('mail'), {queue: 'mail'})

    const stats = await json<{totals: object; queues: object[]}>(['stats'])

    const here = {name: 'default', retrying: 1, dead: 1, delivered: 1, addedTotal: 3, deliveredTotal: 1, deadTotal: 1}
    expect(stats.queues).toEqual([
      {...none, ...here, oldestDueAt: expect.stringMatching(/Z$/)},
      {...none, name: 'mail', scheduled: 1, addedTotal: 1, oldestDueAt: expect.stringMatching(/Z$/)},
    ])
    expect(stats.totals).toMatchObject({scheduled: 1, retrying: 1, dead: 1, delivered: 1, addedTotal: 4})
  })

  it('has default where nothing ever was', async () => {
    const {json} = await openTorque()

    expect(await json(['stats'])).toEqual({totals: none, queues: [{name: 'default', ...none}], processes: []})
    expect(await json(['stats', '-q', 'default'])).toMatchObject({totals: none})
  })

  it('prints the sum and each queue as lines off a terminal', async () => {
    const {torque, queue} = await openTorque()
    await bringTo('dead', queue)

    const cells = '0\t0\t0\t0\t1\t0\t1\t0\t1\t\t0\t0\t\t'
    expect((await torque(['stats'])).stdout).toBe(`*\t${cells}\ndefault\t${cells}\n`)
  })

  it('prints a document per interval with --watch --ndjson, until Ctrl-C', async () => {
    const {env, queue} = await openTorque()
    const child = spawn(process.execPath, [runJs, 'stats', '--watch', '--ndjson', '--interval', '100ms'], {
      env: cleanEnv(env),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await lines.next()).value as string) as {totals: {ready: number}}

    expect((await next()).totals.ready).toBe(0)
    await bringTo('ready', queue)
    let seen = await next()
    while (seen.totals.ready === 0) seen = await next()
    child.kill('SIGINT')

    expect(seen.totals.ready).toBe(1)
    expect((await once(child, 'close'))[0]).toBe(130)
  })

  it.each([
    ['--watch with --json', ['--watch', '--json'], 2],
    ['--watch where nobody sees it', ['--watch'], 2],
    ['--interval without --watch', ['--interval', '1s'], 2],
    ['a bad interval', ['--watch', '--ndjson', '--interval', 'x'], 2],
    ['a queue that never had a task', ['-q', 'nowhere'], 3],
  ])('refuses %s', async (_what, words, code) => {
    const {torque} = await openTorque()

    expect(await torque(['stats', ...words])).toMatchObject({code, stdout: ''})
  })
})
