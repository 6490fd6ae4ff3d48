import type {ChildProcess} from 'node:child_process'
import {describe, expect, it} from 'vitest'

import {openOwnRedis} from '../support/own-redis.js'
import {aTask} from '../support/tasks.js'
import {openTorque} from '../support/torque.js'

interface Report {
  matched: number
  changed: number
  failed: number
}

describe('a bulk verb', () => {
  it('ends at Ctrl-C after the batch in flight, and reports what is done: exit 130', async () => {
    const redis = await openOwnRedis()
    const {torque, inspector, queue} = await openTorque({redisUrl: redis.url})
    await queue.add(Array.from({length: 10_000}, () => aTask({due: {delayMs: 60_000}})))
    const interrupt = async (child: ChildProcess) => {
      while ((await inspector.stats()).totals.scheduled === 10_000) await new Promise(setImmediate)
      // So that it is still at it when the signal comes.
      redis.pause()
      child.kill('SIGINT')
      redis.resume()
    }

    const run = await torque(['purge', '--state', 'scheduled', '--yes', '--json'], {during: (child) => void interrupt(child)})

    const {matched, changed, failed} = JSON.parse(run.stdout) as Report
    expect(run).toMatchObject({code: 130, stderr: ''})
    expect({matched, failed}).toEqual({matched: 10_000, failed: 0})
    expect(changed).toBeLessThan(10_000)
    expect((await inspector.stats()).totals.scheduled).toBe(10_000 - changed)
  })

  it('ends at Ctrl-C while it looks for the tasks, with nothing done: exit 130', async () => {
    const redis = await openOwnRedis()
    const {torque, inspector, store, queue} = await openTorque({redisUrl: redis.url})
    await queue.add(Array.from({length: 6000}, () => aTask({due: {delayMs: 60_000}})))
    const searched = async () =>
      /calls=(\d+)/.exec((await store.redis.info('commandstats')).split('cmdstat_evalsha:')[1] ?? '')?.[1]
    const before = await searched()
    const interrupt = async (child: ChildProcess) => {
      while ((await searched()) === before) await new Promise(setImmediate)
      redis.pause()
      child.kill('SIGINT')
      redis.resume()
    }

    const words = ['purge', '--state', 'scheduled', '--param', 'no=1', '--yes', '--json']
    const run = await torque(words, {during: (child) => void interrupt(child)})

    expect(run).toMatchObject({
      code: 130,
      stderr: '',
      stdout: `${JSON.stringify({matched: 0, changed: 0, skipped: 0, failed: 0, dryRun: false})}\n`,
    })
    expect((await inspector.stats()).totals.scheduled).toBe(6000)
  })
})
