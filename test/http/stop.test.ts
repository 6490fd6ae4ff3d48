import {once} from 'node:events'
import {Agent, type IncomingMessage, request} from 'node:http'
import {connect} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'

import type {TorqueError} from '../../src/errors.js'
import {newEndpoint, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http://127.0.0.1:9/'
const post = `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${form.length}\r\n\r\n${form}`

/** An endpoint whose adds wait for `release`. */
async function openHeld() {
  let release = () => {}
  let begin = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const all = await openEndpoint({
    add: async (queue, tasks) => {
      begin()
      await held
      return tasks.map(({id}) => ({id, queue, state: 'ready', dueAt: 0, duplicate: false}))
    },
  })
  return {...all, release: () => release(), begun}
}

describe('stop', () => {
  it('lets a request in flight finish, and ends its connection with the answer', async () => {
    const {endpoint, port, release, begun} = await openHeld()
    const answer = sendRaw(port, post)
    await begun

    const stopped = endpoint.stop()
    release()

    expect(await answer).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*connection: close\r\n/i)
    await stopped
  })

  it('closes connections that rest, used or not, at once', async () => {
    const {endpoint, port} = await openEndpoint()
    const agent = new Agent({keepAlive: true})
    onTestFinished(() => agent.destroy())
    const [used] = (await once(request({port, host: '127.0.0.1', path: '/healthz', agent}).end(), 'response')) as [
      IncomingMessage,
    ]
    await once(used.resume(), 'end')
    const unused = connect(port, '127.0.0.1')
    await once(unused, 'connect')
    const half = connect(port, '127.0.0.1').on('error', () => {})
    half.write('POST /hooks/add HTTP/1.1\r\nHos')
    await once(half, 'connect')
    const before = performance.now()

    await endpoint.stop(60_000)

    expect(performance.now() - before).toBeLessThan(8_000)
  })

  it('takes no more connections', async () => {
    const {endpoint, ask} = await openEndpoint()

    await endpoint.stop()

    await expect(ask('/healthz')).rejects.toThrow('fetch failed')
  })

  it('cuts off what takes longer than it may', async () => {
    const {endpoint, port, release, begun} = await openHeld()
    const answer = sendRaw(port, post)
    await begun

    await endpoint.stop(100)

    expect(await answer).toBe('')
    release()
  })

  it('may be called twice, and after a start that failed', async () => {
    const {endpoint, port, store} = await openEndpoint()
    const other = newEndpoint(store, {port})
    await expect(other.start()).rejects.toThrowError('something else listens there')

    await Promise.all([endpoint.stop(), endpoint.stop(), other.stop()])
    await endpoint.stop()
  })
})

describe('/readyz', () => {
  it('is 200 while all is well', async () => {
    const {ask} = await openEndpoint()

    const {status, body} = await ask('/readyz')

    expect([status, body]).toEqual([200, {status: 'ready'}])
  })

  it('is 503 with the reason while the process is not ready', async () => {
    const {ask} = await openEndpoint({ready: () => ({ready: false, reason: 'shutting down'})})

    const {status, headers, body} = await ask('/readyz')

    expect([status, body.error?.message]).toEqual([503, 'shutting down'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask('/healthz')).status).toBe(200)
  })
})

describe('start', () => {
  it('says what is in the way when the port is taken', async () => {
    const {port} = await openEndpoint()

    await expect(openEndpoint({port})).rejects.toThrowError(
      expect.objectContaining({
        code: 'failed',
        message: `cannot listen on 127.0.0.1, port ${port}: something else listens there`,
      }) as TorqueError,
    )
  })

  it('listens on every address of localhost, and stops on each', async () => {
    const {endpoint, port} = await openEndpoint({host: 'localhost'})
    const statuses = await Promise.all(
      ['127.0.0.1', '[::1]'].map((host) =>
        fetch(`http://${host}:${port}/healthz`).then(
          ({status}) => status,
          () => 'none',
        ),
      ),
    )
    await endpoint.stop()

    expect(statuses[0]).toBe(200)
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
    await expect(fetch(`http://[::1]:${port}/healthz`)).rejects.toThrow()
  })
})
