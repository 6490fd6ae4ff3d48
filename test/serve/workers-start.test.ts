import {once} from 'node:events'
import {createServer} from 'node:net'
import {readdirSync} from 'node:fs'
import {describe, expect, it, onTestFinished} from 'vitest'

import {openOwnRedis} from '../support/own-redis.js'
import {openTorque, runTorque, scratchDir} from '../support/torque.js'

/** A port that somebody else listens on. */
async function takenPort(): Promise<string> {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  return String((taken.address() as {port: number}).port)
}

describe('serve --workers, asked for what cannot be', () => {
  it.each([
    ['a port that is taken', async () => ['-p', await takenPort()], 1],
    ['a Redis that is down', () => ['--redis', 'redis://user:secret@127.0.0.1:9/3'], 69],
    ['a Redis that evicts', async () => ['--redis', (await openOwnRedis('--maxmemory-policy', 'allkeys-lru')).url], 4],
    ['an address beyond this machine', () => ['--host', '0.0.0.0'], 4],
    ['a rule that is none', () => ['--egress-deny', 'a b'], 2],
  ])('such as %s, fails once, as serve does', async (_name, flags, code) => {
    const {env} = await openTorque()
    const given = await flags()
    const args = ['serve', ...(given.includes('-p') ? [] : ['-p', '0']), '--log-level', 'error', ...given]

    const [plain, several] = [await runTorque(args, {env}), await runTorque([...args, '--workers', '3'], {env})]

    expect(several.stderr).not.toContain('secret')
    expect(several).toEqual({...plain, code})
  })

  it.each(['0', '-1', '65', '1e9', 'abc', ''])('says that %j is no number of workers: exit 2', async (value) => {
    const {code, stdout, stderr} = await runTorque(['serve', '--workers', value], {env: {TORQUE_HOME: scratchDir()}})

    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toContain('--workers')
  })

  it('starts nothing when its options are bad', async () => {
    const home = scratchDir()

    const {code} = await runTorque(['serve', '--workers', '2', '--egress-deny', 'a b'], {env: {TORQUE_HOME: home}})

    expect([code, readdirSync(home)]).toEqual([2, []])
  })

  it('has no flag for what its workers are told', async () => {
    const {code, stderr} = await runTorque(['serve', '--worker'])

    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining('--worker')})
  })
})
