import {once} from 'node:events'
import {symlinkSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished} from 'vitest'

import {openTorque, runJs, runProgram, runTorque, scratchDir} from '../support/torque.js'

const bin = (name: string) => fileURLToPath(new URL(`../../bin/${name}`, import.meta.url))
const version = /^torque-taskqueue\/\d+\.\d+\.\d+ /

interface ErrorDocument {
  error: {code: string; message: string; hint?: string}
}

/** Commands, each with what it cannot do without. */
const commands = [['add', 'http://a.example/'], ['list'], ['show', 'one'], ['retry', 'one'], ['purge', 'one'], ['stats']]

describe('torque', () => {
  it.each([['--version'], ['-v'], ['version']])('says its version for %s', async (word) => {
    expect(await runTorque([word])).toMatchObject({code: 0, stdout: expect.stringMatching(version), stderr: ''})
  })

  it.each([[['--help']], [['-h']], [['help']], [[]]])('lists its commands for %j', async (words) => {
    const {code, stdout, stderr} = await runTorque(words)

    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).toMatch(/^ {2}add {2,}Add a task/m)
  })

  it.each([[['help', 'add']], [['add', '--help']], [['add', '-h']], [['add', 'http://a', '--params', '{', '-h']]])(
    'explains a command for %j',
    async (words) => {
      const {code, stdout} = await runTorque(words)

      expect(code).toBe(0)
      expect(stdout).toContain('$ torque add [URL]')
      expect(stdout).toContain('EXAMPLES')
    },
  )

  it('works from any directory, through a symlink, as its executables have it', async () => {
    const dir = scratchDir()
    symlinkSync(bin('torque'), join(dir, 'tq'))

    expect(await runProgram(bin('torque'), ['--version'], {cwd: dir})).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(version),
    })
    expect(await runProgram('./tq', ['--version'], {cwd: dir})).toMatchObject({code: 0, stdout: expect.stringMatching(version)})
  })

  it('runs from src without a build as bin/dev.mjs', async () => {
    const {env} = await openTorque()

    expect(await runProgram(bin('dev.mjs'), ['stats'], {env})).toMatchObject({code: 0, stdout: expect.stringMatching(/^\*\t0/)})
  })

  it('is serve under its name of old', async () => {
    const {code, stdout} = await runProgram(bin('run-taskqueue'), ['--help'])

    expect(code).toBe(0)
    expect(stdout).toContain('$ torque serve')
    expect((await runProgram(bin('run-taskqueue'), ['--version'])).stdout).toMatch(version)
  })
})

describe('a usage error', () => {
  it('names the command that was meant', async () => {
    const {code, stdout, stderr} = await runTorque(['rety', 'x'])

    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).toContain('there is no command "rety"')
    expect(stderr).toContain('Did you mean `torque retry`?')
  })

  it.each([[['rety', '--json']], [['--json']], [['listen', '--json']], [['serve', '--json']]])(
    'is JSON on stderr for %j',
    async (words) => {
      const {code, stdout, stderr} = await runTorque(words)

      expect({code, stdout}).toEqual({code: 2, stdout: ''})
      expect((JSON.parse(stderr) as ErrorDocument).error).toMatchObject({code: 'usage'})
    },
  )

  it('names the flag and the value that were meant', async () => {
    const hints = await Promise.all(
      [
        ['list', '--stat', 'dead'],
        ['list', '--state', 'ded'],
        ['completion', 'bsh'],
        ['list', '--error', 'timout'],
        ['list', '--xyzzy'],
      ].map(async (words) => (await runTorque(words)).stderr.split('\n')[1]),
    )

    expect(hints).toEqual([
      'Did you mean --state? See more help with --help.',
      'Did you mean dead?',
      'Did you mean bash? See more help with --help.',
      'Did you mean timeout?',
      'See more help with --help.',
    ])
  })

  it('says that an argument is too much where the command is known', async () => {
    expect((await runTorque(['stats', 'x'])).stderr).toContain('`torque stats` takes no "x"')
  })
})

describe.each(commands)('torque %s', (...words) => {
  const all = words.filter((word) => word !== undefined)

  it('refuses an unknown flag with exit 2, as text and as JSON', async () => {
    const text = await runTorque([...all, '--nonsense'])
    const json = await runTorque([...all, '--nonsense', '--json'])

    expect(text).toMatchObject({code: 2, stdout: '', stderr: expect.stringContaining('Nonexistent flag: --nonsense')})
    expect(json).toMatchObject({code: 2, stdout: ''})
    expect((JSON.parse(json.stderr) as ErrorDocument).error).toMatchObject({
      code: 'usage',
      message: 'Nonexistent flag: --nonsense',
    })
  })

  it('says within 3 s that the Redis it was given is down: exit 69', async () => {
    const startedAt = performance.now()
    const text = await runTorque([...all, '--redis', 'redis://user:secret@127.0.0.1:1'])
    const json = await runTorque([...all, '--redis', 'unix:///nonexistent.sock', '--json'])

    expect(performance.now() - startedAt).toBeLessThan(9_000)
    expect(text).toMatchObject({code: 69, stdout: '', stderr: expect.stringContaining('ECONNREFUSED')})
    expect(text.stderr).not.toContain('secret')
    expect(json).toMatchObject({code: 69, stdout: ''})
    expect((JSON.parse(json.stderr) as ErrorDocument).error).toMatchObject({code: 'redis_unavailable'})
  })

  it('says what to do where no Redis is named and none is running: exit 69', async () => {
    const {code, stdout, stderr} = await runTorque(all, {env: {TORQUE_HOME: scratchDir()}})

    expect({code, stdout}).toEqual({code: 69, stdout: ''})
    expect(stderr).toContain('torque serve')
  })

  it.each([
    ['--redis', 'http://x', 'invalid_option'],
    ['--namespace', 'No Good', 'invalid_option'],
    ['--queue', '_x', 'invalid_queue'],
  ])('refuses %s %j with exit 2', async (flag, value, code) => {
    const {json} = await openTorque()

    expect(await json<ErrorDocument>([...all, flag, value])).toMatchObject({error: {code}})
  })
})

describe('a Redis that accepts and never answers', () => {
  it('is given up on within 3 s', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const {port} = server.address() as {port: number}
    const startedAt = performance.now()

    const {code} = await runTorque(['stats', '--redis', `redis://127.0.0.1:${port}`])

    expect(code).toBe(69)
    expect(performance.now() - startedAt).toBeLessThan(9_000)
  })
})

describe('output', () => {
  it('ends quietly when its reader has seen enough', async () => {
    const {store, queue, env} = await openTorque()
    const {aTask} = await import('../support/tasks.js')
    await queue.add(Array.from({length: 3000}, () => aTask()))
    expect(await store.queueNames()).toEqual(['default'])

    const script = `set -o pipefail; "$0" "$1" list --ndjson --limit 3000 | head -1 | wc -l; "$0" "$1" --help | true; echo $?`
    const {stdout, stderr} = await runProgram('bash', ['--norc', '-c', script, process.execPath, runJs], {env})

    expect({stdout, stderr}).toEqual({stdout: '1\n0\n', stderr: ''})
  })

  it('that a full disk does not take is exit 1, with a word about it', async () => {
    const {env} = await openTorque()

    for (const words of ['stats', 'stats --json', '--help']) {
      const {code, stderr} = await runProgram(
        'bash',
        ['--norc', '-c', `"$0" "$1" ${words} > /dev/full`, process.execPath, runJs],
        {env},
      )

      expect(code).toBe(1)
      expect(stderr).toContain('ENOSPC')
      expect(stderr).not.toContain('    at ')
    }
  })

  it('has no colour off a terminal, even where FORCE_COLOR asks for it', async () => {
    const {torque} = await openTorque()
    await torque(['add', 'http://a.example/'])

    expect((await torque(['list'], {env: {FORCE_COLOR: '1'}})).stdout).not.toContain('\u001b')
    expect((await torque(['show', 'none'], {env: {FORCE_COLOR: '1'}})).stderr).toContain('\u001b[31mError:')
    expect((await torque(['show', 'none', '--no-color'], {env: {FORCE_COLOR: '1'}})).stderr).not.toContain('\u001b')
  })
})

describe('standard input', () => {
  it('is left alone where no - asks for it, so that a loop reads all its lines', async () => {
    const {env} = await openTorque()
    const script = `printf '1\\n2\\n3\\n' | while read n; do "$0" "$1" stats > /dev/null; "$0" "$1" add > /dev/null 2>&1; echo $n; done`

    const {stdout} = await runProgram('bash', ['--norc', '-c', script, process.execPath, runJs], {env})

    expect(stdout).toBe('1\n2\n3\n')
  })

  it('may be closed, as stdout and stderr may', async () => {
    const {env} = await openTorque()

    const {code} = await runProgram('bash', ['--norc', '-c', '"$0" "$1" stats <&- >&- 2>&-', process.execPath, runJs], {env})

    expect(code).toBe(0)
  })
})

describe('the environment', () => {
  it('may be empty but for the Redis', async () => {
    const {env} = await openTorque()

    expect(await runProgram(process.execPath, [runJs, 'stats'], {env: {...env, PATH: undefined, HOME: undefined}})).toMatchObject(
      {code: 0},
    )
  })

  it('gives a flag of --json only where it was written', async () => {
    const {torque} = await openTorque()

    expect((await torque(['stats'], {env: {TORQUE_CONTENT_TYPE: 'json'}})).stdout).toMatch(/^\*\t/)
  })
})
