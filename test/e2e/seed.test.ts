import {once} from 'node:events'
import {connect, createServer, type AddressInfo} from 'node:net'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

import {Task, add} from '../../src/index.js'
import {openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque} from '../support/torque.js'

/** Sends bytes as they stand, and resolves to everything that came back. */
async function raw(url: string, text: string): Promise<string> {
  const {hostname, port} = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setEncoding('utf8').write(text)
  let answer = ''
  socket.on('data', (chunk: string) => (answer += chunk))
  await once(socket, 'close')
  return answer
}

/** As urllib of Python 2 sends a form: HTTP/1.0, and the connection ends with the answer. */
const http10 = (form: string) =>
  `POST /hooks/add HTTP/1.0\r\nHost: localhost:8090\r\nUser-Agent: Python-urllib/1.17\r\n` +
  `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`

const post = (url: string, fields: Record<string, string>) =>
  fetch(`${url}/hooks/add`, {method: 'POST', body: new URLSearchParams(fields)})

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('the README it all began with', () => {
  it('answers an HTTP/1.0 form with 200 at once, and the hook arrives as the form foo=somevalue&baz=99', async () => {
    const {env} = await openTorque()
    const receiver = await openReceiver()
    const serve = await startServe(env)
    const form = new URLSearchParams({url: receiver.url('/hooks/do/foo'), params: '{"foo": "somevalue", "baz": 99}'})

    const answer = await raw(serve.url, http10(form.toString()))
    const [call] = await receiver.received(1)

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer).toMatch(/\r\ncontent-length: \d+\r\n/i)
    expect(answer).not.toMatch(/transfer-encoding/i)
    expect(call).toMatchObject({method: 'POST', url: '/hooks/do/foo', body: 'foo=somevalue&baz=99'})
    expect(call?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  it('runs as ./bin/run-taskqueue and listens where -p says', async () => {
    const {env} = await openTorque()
    const port = await freePort()
    const program = [fileURLToPath(new URL('../../bin/run-taskqueue', import.meta.url))]

    const serve = await startServe(env, ['-p', String(port)], program)

    expect(serve.url).toBe(`http://127.0.0.1:${port}`)
    expect((await fetch(`${serve.url}/readyz`)).status).toBe(200)
  })

  it('takes the calls of the client: Task(...).add() and add(...)', async () => {
    const {env} = await openTorque()
    const receiver = await openReceiver()
    const serve = await startServe(env, ['--base-task-url', receiver.origin])

    await new Task({url: '/hooks/do/foo', params: {a: 1}}).add({url: serve.url})
    await add({url: receiver.url('/hooks/do/bar'), params: {a: 2}}, {url: serve.url})
    const calls = await receiver.received(2)

    expect(calls.map(({url, body}) => `${url} ${body}`).toSorted()).toEqual(['/hooks/do/bar a=2', '/hooks/do/foo a=1'])
  })

  it('resolves a relative url against --base-task-url, and refuses one without it', async () => {
    const {env} = await openTorque()
    const receiver = await openReceiver()
    const [based, bare] = await Promise.all([startServe(env, ['--base-task-url', `${receiver.origin}/base/`]), startServe(env)])

    const taken = await post(based.url, {url: '/hooks/do/foo'})
    const refused = await post(bare.url, {url: '/hooks/do/foo'})

    expect(taken.status).toBe(200)
    expect((await receiver.received(1))[0]?.url).toBe('/hooks/do/foo')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({error: {code: 'invalid_url', field: 'url'}})
  })

  it('calls a task with a delay after it, never before', async () => {
    const {env} = await openTorque()
    const receiver = await openReceiver()
    const serve = await startServe(env)

    const addedAt = Date.now()
    const answer = (await (await post(serve.url, {url: receiver.url('/'), delay: '1.2'})).json()) as {state: string}
    const [call] = await receiver.received(1)

    expect(answer.state).toBe('scheduled')
    expect((call?.at ?? 0) - addedAt).toBeGreaterThanOrEqual(1200)
  })

  it.each([
    ['--max-task-errors', {}, ['--max-task-errors', '3']],
    ['MAX_TASK_ERRORS', {MAX_TASK_ERRORS: '3'}, []],
  ])('backs off and bins a task on its last error as %s says', async (_name, variables, flags) => {
    const {env, inspector} = await openTorque()
    const receiver = await openReceiver({status: 500})
    const serve = await startServe({...env, ...variables}, [...flags, '--min-backoff', '50ms', '--backoff-factor', '4'])

    await post(serve.url, {url: receiver.url('/')})
    const calls = await receiver.received(3)
    const dead = await untilState('dead', () => inspector.stats())

    expect(dead).toBe(1)
    expect(receiver.calls).toHaveLength(3)
    const [first = 0, second = 0] = calls.slice(1).map(({at}, index) => at - (calls[index]?.at ?? 0))
    expect(second).toBeGreaterThan(first)
  })
})

/** Asks until a task is in that state; how many are. */
async function untilState(state: 'dead', stats: () => Promise<{totals: Record<'dead', number>}>): Promise<number> {
  for (let asked = 0; asked < 500; asked++) {
    const {totals} = await stats()
    if (totals[state] > 0) return totals[state]
  }
  return 0
}
