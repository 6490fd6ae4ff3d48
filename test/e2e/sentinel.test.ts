import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'

import {followRedis} from '../../src/serve/follow-redis.js'
import {EgressPolicy} from '../../src/task/address.js'
import {openTestStore} from '../support/open-store.js'
import {SentinelSet} from '../support/sentinel-set.js'
import {openTorque, rowsOf, runTorque} from '../support/torque.js'

let set: SentinelSet
beforeAll(async () => void (set = await SentinelSet.start()))
afterAll(() => set?.group.stop())

describe('with Sentinels', () => {
  it('every command works on the master that they name', async () => {
    const {torque, json} = await openTorque({redisUrl: set.url})
    const ids = ['one', 'two']
    for (const id of ids) await torque(['add', 'http://127.0.0.1:9/', '--id', id, '--delay', '1h'])

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

    expect(unknown).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('no Sentinel there knows a master named "other"') as string,
    })
    expect(nobody).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('127.0.0.1:1,127.0.0.1:2/main: no Sentinel answers') as string,
    })
    expect(nobody.stderr).not.toContain('secret')
    expect(performance.now() - start).toBeLessThan(8_000)
  })

  it('a URL that is none is a usage error', async () => {
    expect(await runTorque(['stats', '--redis', 'redis+sentinel://:secret@127.0.0.1:1'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the name of the master is missing') as string,
    })
  })

  it('no hook goes to any of the servers: Sentinels, master and replicas', async () => {
    const {store} = await openTestStore({redisUrl: set.url, clock: undefined})
    const policy = new EgressPolicy({mode: 'internal'})
    onTestFinished(await followRedis(set.url, store.redis, policy))

    const judged = [...set.sentinels, ...set.servers].map(({port}) => policy.judge('127.0.0.1', port, 'alias.test'))

    expect(judged.filter((verdict) => verdict === null)).toEqual([])
    expect(policy.judge('127.0.0.1', 1, 'alias.test')).toBeNull()
  })
})
