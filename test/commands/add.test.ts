import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {openTorque, runTorque, scratchDir} from '../support/torque.js'

interface Added {
  id: string
  queue: string
  state: string
  dueAt: string
  duplicate: boolean
  dryRun?: true
}

describe('add', () => {
  it('queues a task and prints it as a line of cells', async () => {
    const {torque, inspector} = await openTorque()

    const {code, stdout, stderr} = await torque(['add', 'http://a.example/x', '--param', 'a=1', '--delay', '2m'])

    const [record] = (await inspector.page({limit: 9})).records
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).toBe(`${record?.task.id}\tdefault\tscheduled\t${new Date(record?.dueAt ?? 0).toISOString()}\tfalse\n`)
    expect(record?.task).toMatchObject({url: 'http://a.example/x', payload: {kind: 'params', text: '{"a":"1"}'}})
  })

  it('answers with --json what the endpoint does', async () => {
    const {json} = await openTorque()

    const added = await json<Added>(['add', '--url', 'http://a.example/', '-q', 'mail'])

    expect(Object.keys(added)).toEqual(['id', 'queue', 'state', 'dueAt', 'duplicate'])
    expect(added).toMatchObject({queue: 'mail', state: 'ready', duplicate: false})
    expect(added.id).toMatch(/^[0-9a-z]{1,24}$/)
    expect(new Date(added.dueAt).toISOString()).toBe(added.dueAt)
  })

  it('prints the id only with --quiet', async () => {
    const {torque} = await openTorque()

    expect(await torque(['add', 'http://a.example/', '--id', 'one', '--quiet'])).toEqual({code: 0, stdout: 'one\n', stderr: ''})
  })

  it('takes every field of a task', async () => {
    const {torque, inspector} = await openTorque()
    const fields = ['--method', 'put', '--header', 'X-A: b', '--timeout', '5s', '--max-errors', '3', '--flow-key', 'k']

    await torque([
      'add',
      'http://a.example/',
      '--body',
      'hello',
      '--content-type',
      'text/x',
      '--id',
      'one',
      '--idempotency-key',
      'key',
      ...fields,
    ])

    const [record] = await inspector.find(['one'])
    expect(record?.task).toMatchObject({
      method: 'PUT',
      headers: {'x-a': 'b'},
      timeoutMs: 5000,
      maxErrors: 3,
      flowKey: 'k',
      payload: {kind: 'body', text: 'hello', contentType: 'text/x'},
      dedupKeys: ['i:one', 'k:key'],
    })
  })

  it.each([
    ['--params', '{"n": 1.0, "2": "ä", "1": 12345678901234567890}', 'params'],
    ['--json-body', 'null', 'json'],
  ])('keeps the JSON of %s as it was written, from the argument, a file and the standard input', async (flag, text, kind) => {
    const {torque, inspector} = await openTorque()
    const file = join(scratchDir(), 'payload.json')
    writeFileSync(file, text)

    await torque(['add', 'http://a.example/', flag, text, '--id', 'one'])
    await torque(['add', 'http://a.example/', flag, `@${file}`, '--id', 'two'])
    await torque(['add', 'http://a.example/', flag, '-', '--id', 'three'], {stdin: text})

    const records = await inspector.find(['one', 'two', 'three'])
    expect(records.map(({task}) => task.payload)).toEqual([1, 2, 3].map(() => ({kind, text})))
  })

  it('resolves a relative URL against --base-task-url, or TORQUE_BASE_TASK_URL', async () => {
    const {torque, inspector} = await openTorque()
    const base = 'http://mywebservice.com'

    await torque(['add', '/hooks/do/foo', '--base-task-url', base, '--id', 'one'])
    await torque(['add', '/hooks/do/foo', '--id', 'two'], {env: {TORQUE_BASE_TASK_URL: base}})

    expect((await inspector.find(['one', 'two'])).map(({task}) => task.url)).toEqual([1, 2].map(() => `${base}/hooks/do/foo`))
  })

  it('takes only URLs under the base where TORQUE_BASE_TASK_URL_ONLY wants it', async () => {
    const {torque, inspector} = await openTorque()
    const env = {TORQUE_BASE_TASK_URL: 'http://mywebservice.com/api/', TORQUE_BASE_TASK_URL_ONLY: 'true'}

    const taken = await torque(['add', 'hooks/x', '--id', 'one'], {env})
    const refused = await torque(['add', 'http://other.example/', '--id', 'two'], {env})

    expect([taken.code, refused.code, refused.stdout]).toEqual([0, 2, ''])
    expect(refused.stderr).toContain('only URLs under http://mywebservice.com/api/ are taken')
    expect((await inspector.find(['one', 'two'])).map(({task}) => task.id)).toEqual(['one'])
  })

  it('adds the same request under one id once', async () => {
    const {json} = await openTorque()
    const words = ['add', 'http://a.example/', '--id', 'one', '--delay', '1h']

    const first = await json<Added>(words)
    const second = await json<Added>(words)

    expect(second).toEqual({...first, duplicate: true})
  })

  it('refuses another request under the same id: exit 4', async () => {
    const {torque} = await openTorque()
    await torque(['add', 'http://a.example/', '--id', 'one'])

    const {code, stderr} = await torque(['add', 'http://b.example/', '--id', 'one', '--json'])

    expect(code).toBe(4)
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'idempotency_conflict', id: 'one'}})
  })

  it.each([
    ['no URL', [], 'invalid_url', 2],
    ['a bad URL', ['http://a b/'], 'invalid_url', 2],
    ['a relative URL without a base', ['/x'], 'invalid_url', 2],
    ['another scheme', ['ftp://a.example/'], 'invalid_url', 2],
    ['the URL twice', ['http://a', '--url', 'http://b'], 'usage', 2],
    ['an address that is never called', ['http://169.254.169.254/'], 'egress_denied', 4],
    ['bad JSON', ['http://a', '--params', '{'], 'invalid_params', 2],
    ['params that are no object', ['http://a', '--params', '[1]'], 'invalid_params', 2],
    ['a key given twice', ['http://a', '--params', '{"a":1,"a":2}'], 'invalid_params', 2],
    ['params and --param', ['http://a', '--params', '{}', '--param', 'a=1'], 'usage', 2],
    ['two payloads', ['http://a', '--params', '{"a":1}', '--body', 'x'], undefined, 2],
    ['a negative delay', ['http://a', '--delay', '-5'], 'invalid_delay', 2],
    ['an absurd delay', ['http://a', '--delay', '367d'], 'invalid_delay', 2],
    ['delay and at', ['http://a', '--delay', '1', '--at', '2030-01-01T00:00:00Z'], 'usage', 2],
    ['an instant without a zone', ['http://a', '--at', '2030-01-01T00:00:00'], 'invalid_at', 2],
    ['a bad queue name', ['http://a', '-q', 'Mail'], 'invalid_queue', 2],
    ['a bad id', ['http://a', '--id', 'a.b'], 'invalid_id', 2],
    ['a bad method', ['http://a', '--method', 'HEAD'], 'invalid_method', 2],
    ['a body with GET', ['http://a', '--method', 'GET', '--body', 'x'], undefined, 2],
    ['a bad number of errors', ['http://a', '--max-errors', '0'], 'invalid_max_errors', 2],
    ['a bad timeout', ['http://a', '--timeout', '31m'], 'invalid_timeout', 2],
    ['a header of ours', ['http://a', '--header', 'webhook-id: x'], 'invalid_headers', 2],
    ['--ndjson without --from', ['http://a', '--ndjson'], 'usage', 2],
    ['--wait-timeout without --wait', ['http://a', '--wait-timeout', '1'], 'usage', 2],
  ])('refuses %s, and queues nothing', async (_what, words, code, exit) => {
    const {torque, inspector} = await openTorque()

    const text = await torque(['add', ...words])
    const json = await torque(['add', ...words, '--json'])

    expect(text).toMatchObject({code: exit, stdout: '', stderr: expect.stringMatching(/^Error: /)})
    expect(json).toMatchObject({code: exit, stdout: ''})
    expect(JSON.parse(json.stderr)).toMatchObject({error: {message: expect.any(String), ...(code && {code})}})
    expect((await inspector.stats()).totals.addedTotal).toBe(0)
  })

  it.each([
    [[], 'torque add URL'],
    [['/x'], '--base-task-url or TORQUE_BASE_TASK_URL'],
    [['/x'], '--server'],
    [['/x', '--server', 'http://127.0.0.1:1'], 'name another with --server'],
  ])('says what to do about %j', async (words, hint) => {
    expect((await runTorque(['add', ...words])).stderr).toMatch(new RegExp(`^Error: .*\\n.*${hint}`))
  })

  it('judges a task before it asks for a Redis', async () => {
    expect((await runTorque(['add', 'nonsense', '--redis', 'redis://127.0.0.1:1'])).code).toBe(2)
  })

  it('adds nothing with --dry-run, and needs no Redis for it', async () => {
    const {stdout, code} = await runTorque(['add', 'http://a.example/', '--delay', '1h', '--dry-run', '--json'])

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({queue: 'default', state: 'scheduled', duplicate: false, dryRun: true})
  })

  it('gives no id for what --dry-run does not add', async () => {
    const words = ['add', 'http://a.example/', '--id', 'one', '--dry-run']

    const lines = await runTorque(words)
    const quiet = await runTorque([...words, '--quiet'])
    const file = await runTorque(['add', '--from', '-', '--dry-run'], {stdin: '{"url":"http://a.example/"}'})

    expect(lines).toMatchObject({code: 0, stdout: expect.stringMatching(/^\tdefault\tready\t\S+\tfalse\n$/), stderr: ''})
    expect(quiet).toEqual({code: 0, stdout: '', stderr: ''})
    expect(file.stdout).toMatch(/^1\t\tdefault\tready\t\S+\tfalse\t\n$/)
  })
})
