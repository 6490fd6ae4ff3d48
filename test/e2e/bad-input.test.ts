import {once} from 'node:events'
import {readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'

import {openOwnRedis} from '../support/own-redis.js'
import {openTorque, runTorque, scratchDir} from '../support/torque.js'

/** Each [flag, value]; the message must name both. */
const badValues: [flag: string, value: string][] = [
  ['--port', '65536'],
  ['--concurrency', '0'],
  ['--keep-delivered', '-1'],
  ['--max-task-errors', '0'],
  ['--max-task-errors', '1001'],
  ['--task-timeout', '31m'],
  ['--min-backoff', '-1'],
  ['--backoff-factor', '0.5'],
  ['--backoff-factor', 'NaN'],
  ['--lease', '10ms'],
  ['--keep-dead', 'forever'],
  ['--shutdown-timeout', '9'.repeat(400)],
  ['--log-level', 'loud'],
  ['--egress', 'anywhere'],
  ['--egress-deny', 'a b'],
  ['--base-task-url', 'mywebservice.com'],
  ['--trusted-host', 'http://name/'],
  ['--dns-server', 'localhost'],
  ['--dns-server', '127.0.0.1:0'],
  ['--ca-file', '/no/such/file'],
  ['--namespace', 'Shop'],
  ['--redis', 'http://localhost:6379'],
  ['-q', 'Bad'],
]

/** So many at a time: each is a process. */
const atOnce = 6

async function inTurns<Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += atOnce)
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map(run))))
  return results
}

describe('serve, asked for what cannot be', () => {
  it('says which value of which flag is bad, with exit code 2, and starts nothing', {timeout: 60_000}, async () => {
    const home = scratchDir()

    const runs = await inTurns(badValues, async ([flag, value]) => ({
      flag,
      value,
      ...(await runTorque(['serve', flag, value], {env: {TORQUE_HOME: home}})),
    }))

    for (const {flag, value, code, stdout, stderr} of runs) {
      const name = flag
        .replace(/^-q$/, 'queue')
        .replace(/^--redis$/, 'Redis')
        .replace(/^--(?=base|namespace)/, '')
      expect({flag, value, code, stdout}).toEqual({flag, value, code: 2, stdout: ''})
      expect(stderr, `${flag} ${value}`).toContain(name)
      expect(stderr, `${flag} ${value}`).toContain(value.slice(0, 90))
      expect(stderr.split('\n').length, `${flag} ${value}`).toBeLessThanOrEqual(3)
    }
    expect(readdirSync(home)).toEqual([])
  })

  it.each([
    ['nothing to do', ['--no-http', '--no-dispatch'], '--no-dispatch'],
    ['to drain what it does not deliver', ['--drain', '--no-dispatch'], '--drain'],
    ['an allow-list without a rule', ['--egress', 'allowlist'], '--egress-allow'],
    ['a rule without an allow-list', ['--egress-allow', '10.0.0.0/8'], '--egress-allow'],
  ])('refuses %s as a mistake in usage', async (_name, args, named) => {
    const home = scratchDir()

    const {code, stderr} = await runTorque(['serve', ...args], {env: {TORQUE_HOME: home}})

    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining(named)})
    expect(readdirSync(home)).toEqual([])
  })

  it.each([
    ['--ca-file', 'not a certificate'],
    ['--auth-token-file', ' \n'],
  ])('refuses a %s that holds nothing of the kind', async (flag, content) => {
    const file = join(scratchDir(), 'file')
    writeFileSync(file, content)

    const {code, stderr} = await runTorque(['serve', flag, file])

    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining(JSON.stringify(file))})
  })

  it('takes the same values from the environment for as bad', async () => {
    const {code, stderr} = await runTorque(['serve'], {env: {MAX_TASK_ERRORS: 'ten', TORQUE_HOME: scratchDir()}})

    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining('MAX_TASK_ERRORS "ten"')})
  })

  it('ends with 1 when its port is taken', async () => {
    const {torque, store} = await openTorque()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    onTestFinished(() => void taken.close())
    const port = String((taken.address() as {port: number}).port)

    const {code, stderr} = await torque(['serve', '-p', port])

    expect(code).toBe(1)
    expect(stderr).toContain(`port ${port}`)
    expect(stderr).toContain('--port')
    expect(await store.processes.live()).toEqual([])
  })

  it.each(['0.0.0.0', 'example.com'])('does not listen on %s without a token: exit 4', async (host) => {
    const {torque} = await openTorque()

    const {code, stderr} = await torque(['serve', '-p', '0', '--host', host])

    expect({code, stderr}).toEqual({code: 4, stderr: expect.stringContaining('TORQUE_AUTH_TOKEN')})
  })

  it('ends with 69 within 3 s when its Redis is down, and names it without its password', async () => {
    const redis = `redis://user:secret@127.0.0.1:9/3`
    const start = performance.now()

    const {code, stderr} = await runTorque(['serve', '--redis', redis], {env: {TORQUE_HOME: scratchDir()}})

    expect(performance.now() - start).toBeLessThan(8_000)
    expect(code).toBe(69)
    expect(stderr).toContain('redis://127.0.0.1:9')
    expect(stderr).not.toContain('secret')
  })

  it('gives up a Redis that keeps silent: exit 69', async () => {
    const redis = await openOwnRedis()
    redis.pause()
    const start = performance.now()

    const {code} = await runTorque(['serve', '--redis', redis.url])

    expect(performance.now() - start).toBeLessThan(12_000)
    expect(code).toBe(69)
  })

  it('says how to get a Redis when there is none: exit 69', async () => {
    const [home, programs] = [scratchDir(), scratchDir()]
    // Debian's, by which `torque redis install` would get one.
    for (const name of ['apt-get', 'apt-cache', 'dpkg']) symlinkSync('/bin/true', join(programs, name))

    const {code, stderr} = await runTorque(['serve'], {env: {TORQUE_HOME: home, PATH: programs}})

    expect({code, stderr}).toEqual({code: 69, stderr: expect.stringContaining('torque redis install')})
  })

  it('refuses a Redis that evicts keys, with exit 4, unless told to put up with it', async () => {
    const redis = await openOwnRedis('--maxmemory-policy', 'allkeys-lru')
    const run = (...args: string[]) =>
      runTorque(['serve', '--no-http', '--drain', '--redis', redis.url, '--log-format', 'json', ...args])

    const refused = await run()
    const taken = await run('--allow-eviction')

    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('--allow-eviction')
    expect(taken.code).toBe(0)
    expect(taken.stderr).toContain('this Redis evicts keys')
  })

  it('warns of a Redis that persists nothing, and only of that', async () => {
    const [forgetful, durable] = await Promise.all([openOwnRedis(), openOwnRedis('--appendonly', 'yes')])
    const run = (url: string) => runTorque(['serve', '--no-http', '--drain', '--redis', url, '--log-format', 'json'])

    const [warned, unwarned] = await Promise.all([run(forgetful.url), run(durable.url)])

    expect([warned.code, unwarned.code]).toEqual([0, 0])
    expect(warned.stderr).toContain('persists nothing')
    expect(unwarned.stderr).not.toContain('persists')
  })
})
