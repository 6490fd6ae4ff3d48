import {once} from 'node:events'
import {Agent, request} from 'node:http'
import {connect} from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'

import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http%3A%2F%2F127.0.0.1%3A9%2F&params=%7B%22foo%22%3A+%22somevalue%22%2C+%22baz%22%3A+99%7D'
const length = `Content-Length: ${form.length}`

describe('a slow request', () => {
  const timeouts = {headersMs: 200, requestMs: 400, checkEveryMs: 20}

  it.each([
    ['headers', 'POST /hooks/add HTTP/1.1\r\nHost: loc'],
    ['body', `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\nurl=`],
  ])('whose %s never end is answered 408 and closed', async (_what, bytes) => {
    const {port, tasks, bugs} = await openEndpoint({timeouts})

    expect(errorOf(await sendRaw(port, bytes))).toEqual({status: 408, code: 'request_timeout'})
    expect([tasks, bugs]).toEqual([[], []])
  })
})

describe('connections', () => {
  it('are kept and used again', async () => {
    const {port} = await openEndpoint()
    const agent = new Agent({keepAlive: true, maxSockets: 1})
    onTestFinished(() => agent.destroy())
    const sockets = new Set<unknown>()

    for (let count = 0; count < 3; count++) {
      const asked = request({
        port,
        host: '127.0.0.1',
        path: '/hooks/add',
        method: 'POST',
        agent,
        headers: {'content-length': form.length},
      }).end(form)
      const [response] = await once(asked, 'response')
      sockets.add(asked.socket)
      await once(response.resume(), 'end')
    }

    expect(sockets.size).toBe(1)
  })

  it('beyond the most at once are turned away, and the others served', async () => {
    const {port, ask} = await openEndpoint({maxConnections: 5})
    const sockets = Array.from({length: 40}, () => connect(port, '127.0.0.1').on('error', () => {}))
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()))

    // Those that are turned away are closed at once.
    await Promise.all(sockets.slice(5).map((socket) => once(socket.resume(), 'close')))
    sockets[0]!.destroy()
    await once(sockets[0]!, 'close')

    await expect.poll(async () => (await ask('/healthz').catch(() => null))?.status).toBe(200)
  })
})
