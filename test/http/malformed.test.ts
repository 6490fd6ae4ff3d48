import {once} from 'node:events'
import {connect} from 'node:net'
import {describe, expect, it} from 'vitest'

import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http%3A%2F%2F127.0.0.1%3A9%2F&params=%7B%22foo%22%3A+%22somevalue%22%2C+%22baz%22%3A+99%7D'
const length = `Content-Length: ${form.length}`

describe('a request that is not proper HTTP', () => {
  const add = 'POST /hooks/add HTTP/1.1\r\nConnection: close\r\n'

  it.each([
    ['no Host', `${add}${length}\r\n\r\n${form}`],
    ['two Hosts', `${add}Host: localhost\r\nhost: localhost\r\n${length}\r\n\r\n${form}`],
    [
      'an absolute target',
      `POST http://localhost/hooks/add HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n${length}\r\n\r\n${form}`,
    ],
    ['an asterisk for a target', 'OPTIONS * HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n'],
    ['Content-Length and Transfer-Encoding', `${add}Host: localhost\r\n${length}\r\nTransfer-Encoding: chunked\r\n\r\n${form}`],
    ['two lengths', `${add}Host: localhost\r\n${length}\r\nContent-Length: 3\r\n\r\n${form}`],
    ['a length that is none', `${add}Host: localhost\r\nContent-Length: many\r\n\r\n${form}`],
    ['an unknown method', 'BREW /hooks/add HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a bare line feed in a header', `${add}Host: localhost\r\nX: a\nb\r\n\r\n`],
    ['HTTP/0.9', 'GET /healthz\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['noise', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ])('is refused in JSON: %s', async (_what, bytes) => {
    const {port, tasks, bugs} = await openEndpoint()

    const raw = await sendRaw(port, bytes)

    expect(errorOf(raw)).toEqual({status: 400, code: 'invalid_request'})
    expect(raw).toMatch(/content-length: \d+/i)
    expect([tasks, bugs]).toEqual([[], []])
  })

  it('is refused when its headers are too large', async () => {
    const {port} = await openEndpoint()

    const raw = await sendRaw(port, `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(64 << 10)}\r\n\r\n`)

    expect(errorOf(raw)).toEqual({status: 431, code: 'headers_too_large'})
  })

  it('does not take the answer of the good one before it', async () => {
    const {port} = await openEndpoint({
      add: async (queue, tasks) => {
        // By then the noise, which came in the same packet, has been looked at.
        await new Promise((resolve) => setImmediate(resolve))
        return tasks.map(({id}) => ({id, queue, state: 'ready', dueAt: 0, duplicate: false}))
      },
    })
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.write(`POST /hooks/add HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\n${form}\0\0noise\r\n\r\n`)
    await once(socket, 'close')

    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  })
})
