import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {flagOf, serveSettings, settingNames} from '../../src/cli/config/settings.js'
import {openTorque, runTorque, scratchDir} from '../support/torque.js'

describe('a config file', () => {
  it('gives what neither flag nor environment does, and refuses a key that is none', async () => {
    const {env, torque} = await openTorque()
    await torque(['add', 'http://a.example/', '--id', 'one'])
    const dir = scratchDir()
    const nothing = {TORQUE_REDIS_URL: undefined, TORQUE_NAMESPACE: undefined}
    writeFileSync(join(dir, 'torque.config.json'), JSON.stringify({redis: env.TORQUE_REDIS_URL, namespace: env.TORQUE_NAMESPACE}))

    expect(await torque(['list'], {cwd: dir, env: nothing})).toMatchObject({code: 0, stdout: expect.stringMatching(/^one\t/)})

    writeFileSync(join(dir, 'torque.config.json'), '{"nmespace": "x"}')
    expect(await torque(['list'], {cwd: dir})).toMatchObject({code: 2, stderr: expect.stringContaining('unknown key "nmespace"')})
  })

  it('and a variable are named when their value is wrong, not the flag that was not given', async () => {
    const {torque, json} = await openTorque()
    const dir = scratchDir()
    writeFileSync(join(dir, 'torque.config.json'), '{"maxTaskErrors": "many", "namespace": "No"}')

    const env = {MAX_TASK_ERRORS: 'x'}
    const serve = await torque(['serve'], {env})
    const flag = await torque(['serve', '--max-task-errors', 'y'], {env})
    const file = await torque(['serve'], {cwd: dir})
    const namespace = await json<{error: {message: string}}>(['list'], {cwd: dir, env: {TORQUE_NAMESPACE: undefined}})
    const base = await torque(['add', '/x'], {env: {TORQUE_BASE_TASK_URL: 'nowhere'}})

    expect(serve).toMatchObject({code: 2, stderr: 'Error: MAX_TASK_ERRORS "x" is not a whole number\n'})
    expect(flag.stderr).toBe('Error: --max-task-errors "y" is not a whole number\n')
    expect(file.stderr).toMatch(/^Error: maxTaskErrors in \S+torque\.config\.json "many" is not a whole number\n$/)
    expect(namespace.error.message).toMatch(/^namespace in \S+torque\.config\.json "No" is not /)
    expect(base.stderr).toMatch(/^Error: TORQUE_BASE_TASK_URL "nowhere" is refused /)
  })

  it('says on which line it is wrong', async () => {
    const {torque} = await openTorque()
    const dir = scratchDir()
    const said = async (text: string) => {
      writeFileSync(join(dir, 'torque.config.json'), text)
      return (await torque(['list'], {cwd: dir})).stderr
    }

    expect(await said('{\n  "namespace": "a",\n  "nmespace": "x"\n}')).toContain('torque.config.json:3: unknown key "nmespace"')
    expect(await said('{\n  "namespace": {}\n}')).toContain('torque.config.json:2: "namespace" must be')
    expect(await said('[]')).toContain('torque.config.json:1: it must hold a JSON object')
  })

  it('gives flags of serve, which the command line wins over', async () => {
    const {env, torque} = await openTorque()
    const dir = scratchDir()
    const file = {port: 0, host: '127.0.0.1', noDispatch: true, lease: '20s', trustedHost: ['a.example', 'b.example']}
    writeFileSync(join(dir, 'torque.config.json'), JSON.stringify(file))

    // It does not dispatch, so there is nothing to drain: the file was read.
    expect(await torque(['serve', '--drain'], {cwd: dir})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--no-dispatch'),
    })
    writeFileSync(join(dir, 'torque.config.json'), JSON.stringify({...file, noDispatch: false}))
    expect(await torque(['serve', '--drain'], {cwd: dir})).toMatchObject({code: 0})
    expect(await torque(['serve', '--lease', 'x'], {cwd: dir})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--lease'),
    })

    for (const [bad, said] of [
      [{port: 'many'}, 'torque.config.json'],
      [{noHttp: 'perhaps'}, 'noHttp in '],
      [{lease: ['1s', '2s']}, 'lease in '],
      [{lease: 'soon'}, 'lease in '],
    ] as const) {
      writeFileSync(join(dir, 'torque.config.json'), JSON.stringify(bad))
      expect(await torque(['serve'], {cwd: dir, env})).toMatchObject({code: 2, stderr: expect.stringContaining(said)})
    }
  })
})

describe('torque config', () => {
  it('shows every setting, where it came from, and no secret', async () => {
    const dir = scratchDir()
    writeFileSync(join(dir, 'torque.config.json'), '{"port": 9000}')
    const env = {TORQUE_REDIS_URL: 'redis://:geheim@redis.test/1', TORQUE_AUTH_TOKEN: 'geheim', MAX_TASK_ERRORS: '7'}

    const text = await runTorque(['config'], {cwd: dir, env})
    const {settings, files} = JSON.parse((await runTorque(['config', '--json'], {cwd: dir, env})).stdout) as {
      settings: {name: string; value: string | null; source: string}[]
      files: string[]
    }

    const of = (name: string) => settings.find((setting) => setting.name === name)
    expect(of('port')).toEqual({name: 'port', value: '9000', source: files[0]})
    expect(of('maxTaskErrors')).toEqual({name: 'maxTaskErrors', value: '7', source: 'MAX_TASK_ERRORS'})
    expect(of('lease')).toEqual({name: 'lease', value: '15s', source: 'default'})
    expect([of('host')?.value, of('noHttp')?.value]).toEqual(['127.0.0.1', 'false'])
    expect(of('redis')).toMatchObject({value: 'redis://redis.test/1', source: 'TORQUE_REDIS_URL'})
    expect(text.stdout).toContain('lease\t15s\tdefault\n')
    expect(JSON.stringify(settings) + text.stdout).not.toContain('geheim')
  })

  it.each([
    [{port: 'x'}, 'port: Expected an integer'],
    [{egress: 'foo'}, 'egress'],
    [{maxTaskErrors: 0}, 'maxTaskErrors in '],
  ])('refuses what serve would: %j', async (file, said) => {
    const dir = scratchDir()
    writeFileSync(join(dir, 'torque.config.json'), JSON.stringify(file))

    const run = await runTorque(['config'], {cwd: dir})

    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(run.stderr).toContain(said)
    expect(run.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('knows each flag of serve that a file may give', () => {
    const {commands} = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {commands: {serve: {flags: object}}}
    const flags = Object.keys(commands.serve.flags).filter((flag) => !['help', 'no-color', 'drain'].includes(flag))

    expect([...settingNames, ...serveSettings].map(flagOf).toSorted()).toEqual(flags.toSorted())
  })
})
