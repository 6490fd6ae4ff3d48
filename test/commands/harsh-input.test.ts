import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {cleanEnv, openTorque, runJs, runTorque, scratchDir} from '../support/torque.js'

const url = 'http://a.example/'

describe('an empty value of a flag', () => {
  it.each([
    ['add', url, '--id', ''],
    ['add', url, '--body='],
    ['add', url, '--params', ''],
    ['list', '--redis', ''],
    ['serve', '--host', ''],
    ['stats', '-q', ''],
  ])('is refused by its name: %j %j %j %j', async (...args) => {
    const {code, stdout, stderr} = await runTorque(args.filter((arg) => arg !== undefined))

    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toMatch(/^Error: --[a-z-]+ has an empty value: leave it out, or give one$/m)
  })
})

describe('add', () => {
  it.each(['--params', '--json-body'])('%s from nothing adds nothing', async (flag) => {
    const {torque, inspector} = await openTorque()
    const file = join(scratchDir(), 'empty')
    writeFileSync(file, ' \n')

    const runs = [await torque(['add', url, flag, '-'], {stdin: ''}), await torque(['add', url, flag, `@${file}`])]

    expect(runs.map(({code, stderr}) => [code, /the standard input is empty|"[^"]*empty" is empty/.test(stderr)])).toEqual([
      [2, true],
      [2, true],
    ])
    expect((await inspector.stats()).totals.addedTotal).toBe(0)
  })

  it('--from goes on when nobody reads its results any more', async () => {
    const {env, inspector} = await openTorque()
    const child = spawn(process.execPath, [runJs, 'add', '--from', '-'], {env: cleanEnv(env), stdio: ['pipe', 'pipe', 'ignore']})
    child.stdout.destroy()
    child.stdin.end(`{"url":"${url}"}\n`.repeat(5_000))
    const [code] = await once(child, 'close')

    expect(code).toBe(0)
    expect((await inspector.stats()).totals.addedTotal).toBe(5_000)
  })

  it('--from says why it failed, and not that it added nothing', async () => {
    const {code, stderr} = await runTorque(['add', '--from', '/no/such/file', '--dry-run'])

    expect(code).toBe(2)
    expect(stderr).toBe('Error: cannot read "/no/such/file": there is no such file\n')
  })

  it('takes an instant that is past for now, with --dry-run too', async () => {
    const {torque, json} = await openTorque()
    const before = Date.now()
    const args = ['add', url, '--at', '2001-01-01T00:00:00Z']

    const [real, dry] = [
      await json<{state: string; dueAt: string}>(args),
      await json<{state: string; dueAt: string}>([...args, '--dry-run']),
    ]

    for (const {state, dueAt} of [real, dry]) {
      expect(state).toBe('ready')
      // Redis's clock and this one are of the same machine, and Redis's ms is cut off.
      expect(Date.parse(dueAt)).toBeGreaterThanOrEqual(before - 1)
    }
    expect((await torque(['list'])).stdout).not.toContain('2001')
  })
})

describe('words that are no command', () => {
  it.each([
    [['ad', 'http://x/y'], 'there is no command "ad"', 'Did you mean `torque add`?'],
    [['stats', 'http://x/y'], '`torque stats` takes no "http://x/y"', 'torque stats --help'],
    [['help', 'nope'], 'there is no command "nope"', 'torque help'],
    [['help', 'ad'], 'there is no command "ad"', 'Did you mean `torque add`?'],
    [['help', 'redis', 'nope'], 'there is no command "redis nope"', 'torque help'],
    [['redis', 'statu'], 'there is no command "redis statu"', 'Did you mean `torque redis status`?'],
  ])('%j', async (args, message, hint) => {
    const {code, stdout, stderr} = await runTorque(args)

    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toContain(`Error: ${message}\n`)
    expect(stderr).toContain(hint)
  })

  it('and help of what there is goes on as ever', async () => {
    for (const args of [
      ['help', 'add'],
      ['help', 'redis'],
      ['help', 'redis', 'status'],
    ])
      expect(await runTorque(args)).toMatchObject({code: 0, stdout: expect.stringContaining('USAGE'), stderr: ''})
  })
})

describe('a TORQUE_HOME that cannot be', () => {
  it('is refused by serve, and not tried for ever', async () => {
    const {code, stderr} = await runTorque(['serve'], {env: {TORQUE_HOME: '/proc/torque/home'}})

    expect(code).toBe(4)
    expect(stderr).toContain('cannot use "/proc/torque/home"')
    expect(stderr).toContain('set TORQUE_HOME')
  })
})
