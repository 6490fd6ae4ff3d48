import {once} from 'node:events'
import {request} from 'node:http'
import {text} from 'node:stream/consumers'
import {describe, expect, it} from 'vitest'

import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http%3A%2F%2F127.0.0.1%3A9%2F'
const tokens = {admin: ['root'], add: []}

/** Asks to go on before it sends so much; resolves to the status, and to whether it was told to. */
async function expecting(port: number, length: number, headers: Record<string, string> = {}) {
  const asked = request({
    port,
    host: '127.0.0.1',
    path: '/hooks/add',
    method: 'POST',
    agent: false,
    headers: {expect: '100-continue', 'content-length': length, ...headers},
  })
  let wasTold = false
  asked.on('continue', () => {
    wasTold = true
    asked.end(form)
  })
  asked.on('error', () => {})
  asked.flushHeaders()
  const [response] = await once(asked, 'response')
  const body = await text(response)
  asked.destroy()
  return {status: response.statusCode as number, wasTold, body}
}

describe('headers', () => {
  const withHeaders = (count: number) => {
    // Host, Connection and Content-Length are three of them.
    const more = Array.from({length: count - 3}, (_, index) => `X-${index}: 1\r\n`).join('')
    return `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}Content-Length: ${form.length}\r\n\r\n${form}`
  }

  it('may be a hundred, and no more', async () => {
    const {port, tasks} = await openEndpoint()

    const raws = [
      await sendRaw(port, withHeaders(100)),
      await sendRaw(port, withHeaders(101)),
      await sendRaw(port, withHeaders(1500)),
    ]

    expect(raws.map(errorOf)).toEqual([
      {status: 200, code: ''},
      {status: 431, code: 'headers_too_large'},
      {status: 431, code: 'headers_too_large'},
    ])
    expect(tasks).toHaveLength(1)
  })

  it('hide neither a second Host nor a token behind too many others', async () => {
    const {port, tasks} = await openEndpoint({tokens})
    const more = Array.from({length: 200}, (_, index) => `X-${index}: 1\r\n`).join('')
    const head = 'POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer root\r\nConnection: close\r\n'

    const raw = await sendRaw(port, `${head}${more}Host: evil.example\r\nContent-Length: ${form.length}\r\n\r\n${form}`)

    expect(errorOf(raw).status).toBe(431)
    expect(tasks).toEqual([])
  })
})

describe('a client that asks before it sends', () => {
  it('is told to go on for what will be read', async () => {
    const {port} = await openEndpoint()

    expect(await expecting(port, form.length)).toMatchObject({status: 200, wasTold: true})
  })

  it('is told no at once, without a token or with too much to say', async () => {
    const open = await openEndpoint()
    const guarded = await openEndpoint({tokens})
    const startedAt = performance.now()

    const replies = [
      await expecting(open.port, 2 << 20),
      await expecting(open.port, form.length, {host: 'evil.example'}),
      await expecting(guarded.port, form.length),
    ]

    expect(replies.map(({status, wasTold}) => [status, wasTold])).toEqual([
      [413, false],
      [403, false],
      [401, false],
    ])
    // Waiting for a body that does not come would take a second each.
    expect(performance.now() - startedAt).toBeLessThan(8_000)
  })
})

describe('a body that is too large', () => {
  it('is refused by its length, before any of it is read', async () => {
    const {port, tasks} = await openEndpoint()
    const asked = request({
      port,
      host: '127.0.0.1',
      path: '/hooks/add',
      method: 'POST',
      agent: false,
      headers: {'content-length': 1 << 30},
    })
    asked.on('error', () => {}).flushHeaders()

    const [response] = await once(asked, 'response')

    expect([response.statusCode, JSON.parse(await text(response)).error.code]).toEqual([413, 'too_large'])
    expect(tasks).toEqual([])
  })

  it('is refused where it grows in chunks, too', async () => {
    const {port, tasks} = await openEndpoint()
    const head = 'POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
    const chunk = `10000\r\n${'a'.repeat(1 << 16)}\r\n`

    const raw = await sendRaw(port, head, chunk.repeat(17), '0\r\n\r\n')

    expect(errorOf(raw)).toEqual({status: 413, code: 'too_large'})
    expect(tasks).toEqual([])
  })
})
