import {once} from 'node:events'
import {connect} from 'node:net'
import {describe, expect, it} from 'vitest'

import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http%3A%2F%2F127.0.0.1%3A9%2F&params=%7B%22foo%22%3A+%22somevalue%22%2C+%22baz%22%3A+99%7D'
const length = `Content-Length: ${form.length}`

describe('HTTP/1.0', () => {
  it("answers the seed's Python client at once, with a length and a closed connection", async () => {
    const {port, tasks} = await openEndpoint()
    // As Python 2's urllib.urlopen(url, data) sends it.
    const head = [
      'POST /hooks/add HTTP/1.0',
      `Host: localhost:${port}`,
      'User-Agent: Python-urllib/1.17',
      'Content-Type: application/x-www-form-urlencoded',
      length,
    ]

    const raw = await sendRaw(port, `${head.join('\r\n')}\r\n\r\n`, form)
    const [answer = '', body = ''] = raw.split('\r\n\r\n')

    expect(answer).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/)
    expect(answer.toLowerCase()).toContain(`content-length: ${body.length}`)
    expect(answer.toLowerCase()).not.toContain('transfer-encoding')
    expect(JSON.parse(body)).toMatchObject({queue: 'default', state: 'ready', duplicate: false})
    expect(tasks).toMatchObject([{payload: {text: '{"foo": "somevalue", "baz": 99}'}}])
  })

  it('is answered without chunks even where it says that it knows them', async () => {
    const {port} = await openEndpoint()

    const raw = await sendRaw(port, `POST /hooks/add HTTP/1.0\r\nTE: chunked\r\nConnection: close\r\n${length}\r\n\r\n${form}`)

    expect(raw).toMatch(/content-length/i)
    expect(raw).not.toMatch(/transfer-encoding/i)
  })

  it('may keep its connection', async () => {
    const {port, tasks} = await openEndpoint()
    const one = `POST /hooks/add HTTP/1.0\r\nConnection: keep-alive\r\n${length}\r\n\r\n${form}`

    const raw = await sendRaw(port, one, one, one.replace('keep-alive', 'close'))

    expect(raw.match(/200 OK/g)).toHaveLength(3)
    expect(tasks).toHaveLength(3)
  })
})

describe('a body', () => {
  it('may come in chunks', async () => {
    const {port, tasks} = await openEndpoint()
    const head = 'POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'

    const raw = await sendRaw(port, head, `${form.length.toString(16)}\r\n${form}\r\n`, '0\r\n\r\n')

    expect([errorOf(raw).status, tasks.length]).toEqual([200, 1])
  })

  it('is waited for by a client that asks before it sends', async () => {
    const {port} = await openEndpoint()

    const raw = await sendRaw(
      port,
      `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n${length}\r\n\r\n`,
      form,
    )

    expect(raw).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/)
  })

  it('of which only a part came queues nothing', async () => {
    const {port, tasks, bugs, ask} = await openEndpoint()
    const socket = connect(port, '127.0.0.1')
    socket.write(`POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n${form}`)
    await once(socket, 'connect')

    socket.end()
    await once(socket.resume(), 'close')

    expect((await ask('/healthz')).status).toBe(200)
    expect([tasks, bugs]).toEqual([[], []])
  })

  it('that is too large is refused with an answer the client can read, also over HTTP/1.0', async () => {
    const {port} = await openEndpoint()
    const size = 20 << 20

    for (const version of ['1.0', '1.1']) {
      const raw = await sendRaw(
        port,
        `POST /hooks/add HTTP/${version}\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`,
        Buffer.alloc(size, 97),
      )
      expect(errorOf(raw)).toEqual({status: 413, code: 'too_large'})
    }
  })

  it('that grows too large in chunks is refused', async () => {
    const {port} = await openEndpoint()
    const chunk = `100000\r\n${'a'.repeat(1 << 20)}\r\n`

    const raw = await sendRaw(
      port,
      'POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
      chunk,
      chunk,
      '0\r\n\r\n',
    )

    expect(errorOf(raw)).toEqual({status: 413, code: 'too_large'})
  })
})
