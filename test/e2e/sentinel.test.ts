import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'

import {followRedis} from '../../src/serve/follow-redis.js'
import {EgressPolicy} from '../../src/task/address.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {SentinelSet} from '../support/sentinel-set.js'
import {startServe} from '../support/serve.js'
import {SteadyLoad} from '../support/steady-load.js'
import {aTask} from '../support/tasks.js'
import {openTorque, rowsOf, runTorque} from '../support/torque.js'

let set: SentinelSet
beforeAll(async () => void (set = await SentinelSet.start()))
afterAll(() => set?.group.stop())

const stderr = (text: string) => ({stderr: expect.stringContaining(text) as string})

describe('with Sentinels', () => {
  it('every command works on the master that they name', async () => {
    const {torque, json} = await openTorque({redisUrl: set.url})
    const ids = ['one', 'two']
    for (const id of ids) await torque(['add', 'http://127.0.0.1:9/', '--id', id, '--delay', '1h', '--ack-replicas', '2'])

    expect(rowsOf((await torque(['list'])).stdout).map(([id]) => id)).toEqual(ids)
    expect(await json(['show', 'one'])).toMatchObject({id: 'one', state: 'scheduled'})
    expect(await json(['retry', 'one'])).toMatchObject({matched: 1, changed: 1})
    expect(await json(['stats'])).toMatchObject({totals: {ready: 1, scheduled: 1}})
    expect(await json(['purge', ...ids, '--yes'])).toMatchObject({changed: 2})
  })

  it('a master that none of them knows, and Sentinels that nobody runs, are told apart', async () => {
    const unknown = await runTorque(['stats', '--redis', set.url.replace('/main', '/other')])
    const start = performance.now()
    const nobody = await runTorque(['stats', '--redis', 'redis+sentinel://:secret@127.0.0.1:1,127.0.0.1:2/main'])

    expect(unknown).toMatchObject({code: 69, ...stderr('no Sentinel there knows a master named "other"')})
    expect(nobody).toMatchObject({code: 69, ...stderr('127.0.0.1:1,127.0.0.1:2/main: no Sentinel answers')})
    expect(nobody.stderr).not.toContain('secret')
    expect(performance.now() - start).toBeLessThan(8_000)
  })

  it('a URL that is none, and a number of replicas that is none, are usage errors', async () => {
    const url = await runTorque(['stats', '--redis', 'redis+sentinel://:secret@127.0.0.1:1'])
    const replicas = await runTorque(['add', 'http://a.example/'], {env: {TORQUE_REDIS_URL: set.url, TORQUE_ACK_REPLICAS: '-1'}})

    expect(url).toMatchObject({code: 2, ...stderr('the name of the master is missing')})
    expect(url.stderr).not.toContain('secret')
    expect(replicas).toMatchObject({code: 2, ...stderr('TORQUE_ACK_REPLICAS "-1" is not a whole number')})
  })

  it('no hook goes to any of the servers: Sentinels, also those that nobody has named, master and replicas', async () => {
    const named = set.url.replace(/,[^/]*/, '')
    const {store} = await openTestStore({redisUrl: named, clock: undefined})
    const policy = new EgressPolicy({mode: 'internal'})
    onTestFinished(await followRedis(named, store.redis, policy))

    const judged = [...set.sentinels, ...set.servers].map(({port}) => policy.judge('127.0.0.1', port, 'alias.test'))

    expect(judged.filter((verdict) => verdict === null)).toEqual([])
    expect(policy.judge('127.0.0.1', 1, 'alias.test')).toBeNull()
  })

  it('a master that has too few replicas takes nothing, and says so before anything is queued', async () => {
    const {queue, store} = await openTestStore({redisUrl: set.url, clock: undefined})
    const {redis} = await set.master()
    await queue.add([aTask()])
    await redis.config('SET', 'min-replicas-to-write', '3')

    await expect(queue.add([aTask()])).rejects.toMatchObject({code: 'redis_unavailable', status: 503})
    await redis.config('SET', 'min-replicas-to-write', '0')

    expect((await store.inspector.stats()).totals).toMatchObject({addedTotal: 1})
  })

  it('nothing that was acknowledged is lost when the master is killed and a replica takes over', {timeout: 60_000}, async () => {
    const {namespace, store} = await openTestStore({redisUrl: set.url, clock: undefined})
    const receiver = await openReceiver({delayMs: 5})
    const serve = await startServe({TORQUE_REDIS_URL: set.url, TORQUE_NAMESPACE: namespace}, [
      '--ack-replicas',
      '1',
      '--lease',
      '2s',
    ])
    const load = new SteadyLoad(serve, {receiver, queues: ['default', 'mails']})
    await load.more(50)

    const master = await set.master()
    await set.group.kill(master)
    await set.untilMaster((server) => server !== master)
    const start = performance.now()
    await load.more(50)
    const backMs = performance.now() - start
    const calls = await load.end()

    expect([...load.refusals.keys()].filter((code) => !['redis_unavailable', 'outcome_unknown'].includes(code))).toEqual([])
    expect([...calls.values()].filter((count) => count > 2)).toEqual([])
    expect(backMs).toBeLessThan(20_000)
    await expect
      .poll(async () => (await store.inspector.stats()).totals, patiently)
      .toMatchObject({active: 0, ready: 0, retrying: 0, dead: 0})
  })
})
