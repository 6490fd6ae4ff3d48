import {type ChildProcess, spawn} from 'node:child_process'
import {createHmac} from 'node:crypto'
import {once} from 'node:events'
import {createServer} from 'node:net'
import {createInterface} from 'node:readline'
import {describe, expect, it, onTestFinished} from 'vitest'

const form = {
  method: 'POST',
  headers: {'content-type': 'application/x-www-form-urlencoded', 'webhook-id': 'abc', 'torque-attempt': '2'},
}
const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

/** A `torque listen` of this test's own on a free port, and what it prints. */
async function listen(...flags: string[]) {
  const child = spawn(process.execPath, ['bin/run.js', 'listen', '-p', '0', ...flags], {stdio: ['ignore', 'pipe', 'pipe']})
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]()
  const url = await announced(child)
  return {url, child, line: async () => (await lines.next()).value as string}
}

async function announced(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({input: child.stderr!})) {
    const url = /http:\/\/\S+/.exec(line)?.[0]
    if (url) return url
    throw new Error(line)
  }
  throw new Error('it ended')
}

async function failing(...flags: string[]) {
  const child = spawn(process.execPath, ['bin/run.js', 'listen', ...flags], {stdio: ['ignore', 'ignore', 'pipe']})
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return {code, stderr}
}

describe('listen', () => {
  it('prints each call as a line of cells', async () => {
    const {url, line} = await listen()

    const response = await fetch(`${url}/hooks/do/foo?q=1`, {...form, body: 'foo=some+value&baz=99'})

    const [at, ...cells] = (await line()).split('\t')
    expect(response.status).toBe(200)
    expect(new Date(at!).toISOString()).toBe(at)
    expect(cells).toEqual(['POST', '/hooks/do/foo?q=1', '200', 'abc', '2', '', '', 'foo=some+value&baz=99'])
  })

  it('escapes what a terminal would obey', async () => {
    const {url, line} = await listen()

    await fetch(url, {method: 'POST', body: 'a\tb\n\u001b[2J\u202e'})

    expect((await line()).split('\t').at(-1)).toBe('a\\tb\\n\\x1b[2J\\u202e')
  })

  it('prints a document per call with --ndjson', async () => {
    const {url, line} = await listen('--ndjson', '--status', '503')

    await fetch(url, {...form, body: 'a=\u001b[2J'})

    const text = await line()
    expect(text).not.toContain('\u001b')
    expect(JSON.parse(text)).toMatchObject({
      method: 'POST',
      path: '/',
      status: 503,
      id: 'abc',
      attempt: 2,
      body: 'a=\u001b[2J',
      verified: null,
    })
  })

  it('fails the first calls of each task with --fail', async () => {
    const {url} = await listen('--fail', '2', '--status', '204')
    const call = async (id: string) => (await fetch(url, {method: 'POST', headers: {'webhook-id': id}})).status

    const statuses = [await call('a'), await call('b'), await call('a'), await call('a'), await call('b'), await call('b')]

    expect(statuses).toEqual([500, 500, 500, 204, 500, 204])
  })

  it('waits before it answers with --delay', async () => {
    const {url} = await listen('--delay', '300ms')
    const started = performance.now()

    await fetch(url)

    expect(performance.now() - started).toBeGreaterThanOrEqual(299)
  })

  it('checks signatures with --verify', async () => {
    const {url, line} = await listen('--verify', secret, '--ndjson')
    const timestamp = String(Math.floor(Date.now() / 1000))
    const signature = createHmac('sha256', Buffer.alloc(32, 1)).update(`abc.${timestamp}.a=1`).digest('base64')
    const headers = {'webhook-id': 'abc', 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}`}

    const good = await fetch(url, {method: 'POST', headers, body: 'a=1'})
    const bad = await fetch(url, {method: 'POST', headers, body: 'a=2'})

    expect([good.status, bad.status]).toEqual([200, 401])
    expect(JSON.parse(await line())).toMatchObject({verified: true, reason: null})
    expect(JSON.parse(await line())).toMatchObject({verified: false, reason: expect.stringContaining('does not match')})
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with %i, also while a call waits for its answer', async (signal, code) => {
    const {url, child, line} = await listen('--delay', '1h')
    const call = fetch(url).catch((error: Error) => error.name)
    await line()

    child.kill(signal)

    expect(await once(child, 'close')).toEqual([code, null])
    expect(await call).toBe('TypeError')
  })

  it.each([
    [['--json'], 2, 'Nonexistent flag: --json'],
    [['--status', '199'], 2, '199'],
    [['--delay', 'soon'], 2, '"soon" is not a duration'],
    [['--verify', 'password'], 2, 'whsec_'],
  ])('%j is refused', async (flags, code, message) => {
    const result = await failing(...flags)

    expect(result).toEqual({code, stderr: expect.stringContaining(message)})
  })

  it('says that a port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const {port} = server.address() as {port: number}

    const {code, stderr} = await failing('-p', String(port))

    expect(code).toBe(1)
    expect(stderr).toContain('the port is in use')
  })
})
