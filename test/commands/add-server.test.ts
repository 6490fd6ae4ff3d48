import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {describe, expect, it, onTestFinished} from 'vitest'

import {answeringServer} from '../client/answering-server.js'
import {openReceiver} from '../support/receiver.js'
import {cleanEnv, openTorque, runJs, runTorque} from '../support/torque.js'

/** A `torque serve` of the test's own, and the environment of a machine that knows nothing but its URL. */
async function serveElsewhere(env: Record<string, string> = {}) {
  const here = await openTorque()
  const words = [runJs, 'serve', '-p', '0', '--base-task-url', 'http://base.example']
  const child = spawn(process.execPath, words, {env: cleanEnv({...here.env, ...env}), stdio: ['ignore', 'ignore', 'pipe']})
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
  })
  for await (const line of createInterface({input: child.stderr})) {
    const {url} = JSON.parse(line) as {url?: string}
    if (url) return {...here, url}
  }
  throw new Error('serve did not start')
}

describe('add --server', () => {
  it('adds over HTTP, with the JSON exactly as it was written', async () => {
    const {url, inspector} = await serveElsewhere()
    const at = ['--delay', '1h', '--server', url]

    const params = await runTorque(['add', '/x', '--params', '{"n": 1.0, "1": 2}', '--id', 'one', ...at])
    const json = await runTorque(['add', '/x', '--json-body', '[1.0, 12345678901234567890]', '--id', 'two', ...at, '--json'])

    expect(params).toMatchObject({code: 0, stderr: '', stdout: expect.stringMatching(/^one\tdefault\tscheduled\t\S+\tfalse\n$/)})
    expect(JSON.parse(json.stdout)).toMatchObject({id: 'two', duplicate: false})
    const tasks = (await inspector.find(['one', 'two'])).map(({task}) => task)
    expect(tasks.map(({url: target}) => target)).toEqual(['http://base.example/x', 'http://base.example/x'])
    expect(tasks.map(({payload}) => payload)).toMatchObject([{text: '{"n": 1.0, "1": 2}'}, {text: '[1.0, 12345678901234567890]'}])
  })

  it('waits for the outcome', async () => {
    const {url} = await serveElsewhere()
    const receiver = await openReceiver({status: 410})

    const gone = await runTorque(['add', receiver.url('/x'), '--server', url, '--wait'])
    receiver.answer({status: 204})
    const good = await runTorque(['add', receiver.url('/x'), '--server', url, '--wait', '--json'])

    expect(gone.code).toBe(5)
    expect(good.code).toBe(0)
    expect(JSON.parse(good.stdout)).toMatchObject({state: 'delivered', attempt: 1})
  })

  it('adds a file, and names the lines that the server refuses', async () => {
    const {url, inspector} = await serveElsewhere()
    const stdin = '{"url":"/a","delay":"1h"}\nnonsense\n{"url":"ftp://b"}\n{"url":"/c","delay":"1h"}\n'

    const {code, stdout} = await runTorque(['add', '--from', '-', '--server', url, '--ndjson'], {stdin})

    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(code).toBe(1)
    expect(documents).toMatchObject([
      {line: 1, state: 'scheduled'},
      {line: 2, error: {code: 'invalid_json'}},
      {line: 3, error: {code: 'invalid_url'}},
      {line: 4, state: 'scheduled'},
    ])
    expect((await inspector.stats()).totals.addedTotal).toBe(2)
  })

  it('gives what the server refuses its own exit code', async () => {
    const {url} = await serveElsewhere()

    expect(await runTorque(['add', 'ftp://a', '--server', url, '--json'])).toMatchObject({code: 2, stdout: ''})
    await runTorque(['add', '/a', '--id', 'one', '--delay', '1h', '--server', url])
    expect((await runTorque(['add', '/b', '--id', 'one', '--server', url])).code).toBe(4)
  })

  it('sends TORQUE_AUTH_TOKEN, or TORQUE_ADD_TOKEN', async () => {
    const {url} = await serveElsewhere({TORQUE_AUTH_TOKEN: 'admin-token', TORQUE_ADD_TOKEN: 'add-token'})
    const words = ['add', '/a', '--delay', '1h', '--server', url]

    expect(await runTorque(words)).toMatchObject({code: 4, stdout: ''})
    expect((await runTorque(words, {env: {TORQUE_AUTH_TOKEN: 'admin-token'}})).code).toBe(0)
    expect((await runTorque(words, {env: {TORQUE_ADD_TOKEN: 'add-token'}})).code).toBe(0)
  })

  it('prints the id of what it may add and not wait for, then why: exit 4', async () => {
    const {url} = await serveElsewhere({TORQUE_AUTH_TOKEN: 'admin-token', TORQUE_ADD_TOKEN: 'add-token'})
    const words = ['add', '/a', '--id', 'one', '--delay', '1h', '--server', url, '--wait']

    const text = await runTorque(words, {env: {TORQUE_ADD_TOKEN: 'add-token'}})
    const json = await runTorque([...words, '--json'], {env: {TORQUE_ADD_TOKEN: 'add-token'}})

    expect(text).toMatchObject({code: 4, stdout: expect.stringMatching(/^one\tdefault\tscheduled\t/)})
    expect(text.stderr).toContain('one was added, and cannot be waited for: ')
    expect(text.stderr).toContain('TORQUE_AUTH_TOKEN')
    expect(json).toMatchObject({code: 4, stderr: ''})
    expect(JSON.parse(json.stdout)).toMatchObject({id: 'one', state: 'scheduled', error: {code: 'forbidden', id: 'one'}})
  })

  it('names the id of what may be queued: exit 69', async () => {
    const {url} = await answeringServer('cut')

    const {code, stdout, stderr} = await runTorque(['add', 'http://a.example/', '--server', url])

    expect({code, stdout}).toEqual({code: 69, stdout: ''})
    expect(stderr).toMatch(/may have been queued\nAdd it again with --id [0-9a-z]{20}: nothing is added twice\.\n$/)
  })

  it('says that nobody answers: exit 69', async () => {
    const startedAt = performance.now()

    const {code, stderr} = await runTorque(['add', '/a', '--server', 'http://127.0.0.1:1'])

    expect(code).toBe(69)
    expect(stderr).toContain('start one with `torque serve`, or name another with --server\n')
    expect(performance.now() - startedAt).toBeLessThan(12_000)
    expect((await runTorque(['add', '/a', '--server', 'nonsense'])).code).toBe(2)
  })
})
