import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {cleanEnv, openTorque, rowsOf, runJs, runTorque, scratchDir} from '../support/torque.js'

const mixed = [
  '{"url":"http://a.example/","id":"one"}',
  '',
  '{"url":',
  '{"url":"http://c.example/","unknown":1}',
  '{"url":"http://d.example/"}',
]
const lines = (texts: readonly string[]) => `${texts.join('\n')}\n`

describe('add --from', () => {
  it('adds the good lines, names the bad ones by number, and exits 1 for them', async () => {
    const {torque, inspector} = await openTorque()

    const {code, stdout, stderr} = await torque(['add', '--from', '-', '-q', 'bulk'], {stdin: lines(mixed)})

    const rows = rowsOf(stdout)
    expect(code).toBe(1)
    expect(stderr).toBe('2 tasks added, 2 failed\n')
    expect(rows.map(([line, id, queue, state, , , error]) => [line, id && 'id', queue, state, error?.split(':')[0]])).toEqual([
      ['1', 'id', 'bulk', 'ready', ''],
      ['3', '', '', '', 'invalid_json'],
      ['4', '', '', '', 'unknown_field'],
      ['5', 'id', 'bulk', 'ready', ''],
    ])
    expect((await inspector.page({limit: 9})).records.map(({task}) => task.url).toSorted()).toEqual([
      'http://a.example/',
      'http://d.example/',
    ])
  })

  it('reads a file, and exits 0 when every line is good', async () => {
    const {torque} = await openTorque()
    const file = join(scratchDir(), 'tasks.ndjson')
    writeFileSync(file, mixed[0]!)

    expect((await torque(['add', '--from', file])).code).toBe(0)
    expect((await torque(['add', '--from', file])).stdout).toMatch(/^1\tone\tdefault\tready\t\S+\ttrue\t\n$/)
  })

  it('sums up with --json', async () => {
    const {json} = await openTorque()

    const report = await json(['add', '--from', '-'], {stdin: lines([...mixed, mixed[0]!])})

    expect(report).toMatchObject({added: 2, duplicates: 1, failed: 2, dryRun: false})
    expect(report).toMatchObject({
      errors: [
        {line: 3, error: {code: 'invalid_json'}},
        {line: 4, error: {code: 'unknown_field'}},
      ],
    })
  })

  it('prints a document per line with --ndjson, and ids with --quiet', async () => {
    const {torque} = await openTorque()

    const ndjson = await torque(['add', '--from', '-', '--ndjson'], {stdin: lines(mixed)})
    const quiet = await torque(['add', '--from', '-', '--quiet'], {stdin: lines(mixed.slice(0, 3))})

    const documents = ndjson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(documents).toMatchObject([{line: 1, id: 'one', state: 'ready'}, {line: 3, error: {}}, {line: 4}, {line: 5}])
    expect(quiet).toMatchObject({code: 1, stdout: 'one\n', stderr: expect.stringContaining('line 3: ')})
  })

  it('keeps params and JSON as they were written', async () => {
    const {torque, inspector} = await openTorque()
    const task = '{"url":"http://a.example/","id":"one","params":{"n": 1.0, "2":"b", "1":"a"}}'

    await torque(['add', '--from', '-'], {stdin: lines([task, task.replace('one', 'two').replace('params', 'json')])})

    const records = await inspector.find(['one', 'two'])
    expect(records.map(({task: {payload}}) => payload)).toMatchObject([
      {text: '{"n": 1.0, "2":"b", "1":"a"}'},
      {text: '{"n": 1.0, "2":"b", "1":"a"}'},
    ])
  })

  it('adds thousands in flat memory', async () => {
    const {torque, inspector} = await openTorque()
    const stdin = lines(
      Array.from({length: 20_000}, (_, index) => `{"url":"http://a.example/${index}","body":"${'x'.repeat(400)}"}`),
    )

    const {code, stderr} = await torque(['add', '--from', '-'], {stdin, env: {NODE_OPTIONS: '--max-old-space-size=48'}})

    expect({code, stderr}).toEqual({code: 0, stderr: '20000 tasks added\n'})
    expect((await inspector.stats()).totals.ready).toBe(20_000)
  })

  it('adds what has come while more is awaited, and ends at Ctrl-C with what is done', async () => {
    const {env, inspector} = await openTorque()
    const child = spawn(process.execPath, [runJs, 'add', '--from', '-', '--json'], {
      env: cleanEnv(env),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let stdout = ''
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))

    child.stdin.write(lines([mixed[0]!]))
    while ((await inspector.stats()).totals.addedTotal === 0) await new Promise(setImmediate)
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number]

    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({added: 1, failed: 0})
  })

  it('names the lines that did not get in when Redis is away: exit 69', async () => {
    const {code, stdout, stderr} = await runTorque(['add', '--from', '-', '--redis', 'redis://127.0.0.1:1'], {
      stdin: lines([mixed[0]!]),
    })

    expect(code).toBe(69)
    expect(stdout).toMatch(/^1\t{6}redis_unavailable: /)
    expect(stderr).toContain('0 tasks added, 1 failed')
  })

  it('checks a file with --dry-run without a Redis', async () => {
    const {code, stderr} = await runTorque(['add', '--from', '-', '--dry-run'], {stdin: lines(mixed)})

    expect({code, stderr}).toEqual({code: 1, stderr: '2 tasks would be added, 2 failed\n'})
  })

  it.each([
    ['a URL beside it', ['http://a'], 'usage'],
    ['a field beside it', ['--delay', '1s'], 'usage'],
    ['--wait', ['--wait'], 'usage'],
    ['--quiet with --json', ['--quiet'], 'usage'],
  ])('refuses %s', async (_what, words, code) => {
    const {json} = await openTorque()

    expect(await json(['add', '--from', '-', ...words])).toMatchObject({error: {code}})
  })

  it('says which file it cannot read', async () => {
    expect(await runTorque(['add', '--from', '/none', '--dry-run'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"/none"'),
    })
  })
})
