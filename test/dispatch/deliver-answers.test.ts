import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'

import {callTo, openDeliverer} from '../support/deliverer.js'
import {openRawReceiver} from '../support/raw-receiver.js'
import {type Answer, openReceiver} from '../support/receiver.js'

async function outcomeOf(answer: Answer) {
  const receiver = await openReceiver(answer)
  return openDeliverer().deliver(callTo(receiver.url()))
}

describe('deliver', () => {
  it.each([204, 299, 300, 404, 410, 503, 599, 999])('reports status %i as the answer it is', async (status) => {
    const receiver = await openRawReceiver(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 0\r\n\r\n`)

    const outcome = await openDeliverer().deliver(callTo(receiver.url()))

    expect(outcome).toMatchObject({status, error: null, message: null, response: null})
  })

  it('does not follow a redirect', async () => {
    const elsewhere = await openReceiver()

    const outcome = await outcomeOf({status: 307, headers: {location: elsewhere.url()}})

    expect(outcome).toMatchObject({status: 307, error: null})
    expect(elsewhere.connections).toBe(0)
  })

  it('passes over 1xx answers before the real one', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
    const receiver = await openRawReceiver(`${hints}${hints}HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n`)

    expect(await openDeliverer().deliver(callTo(receiver.url()))).toMatchObject({status: 201, error: null})
  })

  it.each<[string, Answer, {retryAfter: string | null; noRetry: boolean}]>([
    ['neither', {status: 503}, {retryAfter: null, noRetry: false}],
    ['Retry-After as sent', {status: 429, headers: {'Retry-After': ' 120 '}}, {retryAfter: '120', noRetry: false}],
    ['the first of two', {status: 429, headers: {'retry-after': ['1', '2']}}, {retryAfter: '1', noRetry: false}],
    ['torque-retry: no', {status: 400, headers: {'Torque-Retry': 'No'}}, {retryAfter: null, noRetry: true}],
    ['another torque-retry', {status: 400, headers: {'torque-retry': 'yes'}}, {retryAfter: null, noRetry: false}],
  ])('reads the advice on trying again: %s', async (_what, answer, advice) => {
    expect(await outcomeOf(answer)).toMatchObject(advice)
  })

  it('keeps the first KiB of the body', async () => {
    expect((await outcomeOf({status: 500, body: 'a'.repeat(1030)})).response).toBe('a'.repeat(1024))
  })

  it.each([1, 2, 3])('never cuts inside a character (%i bytes in)', async (offset) => {
    const {response} = await outcomeOf({body: `${'a'.repeat(1024 - offset)}😀${'b'.repeat(100)}`})

    expect(response).toBe('a'.repeat(1024 - offset))
  })

  it('keeps at most a KiB of text of bytes that are none', async () => {
    const {response} = await outcomeOf({body: Buffer.alloc(5000, 0xff)})

    expect(response).toBe('\ufffd'.repeat(341))
  })

  it('puts a body together that comes byte by byte', async () => {
    const receiver = await openRawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
      const letters = 'hello'.split('')
      const next = () => letters.length > 0 && socket.write(letters.shift()!, () => setImmediate(next))
      next()
    })

    expect(await openDeliverer().deliver(callTo(receiver.url()))).toMatchObject({status: 200, response: 'hello'})
  })

  it('does not decompress', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))

    const {status, response} = await outcomeOf({headers: {'content-encoding': 'gzip'}, body: bomb})

    expect(status).toBe(200)
    expect(Buffer.from(response!).length).toBeLessThanOrEqual(1024)
    expect(response).toContain('\u001f\ufffd\b')
  })
})

describe('deliver, once the headers of a 2xx are complete', () => {
  const head = 'HTTP/1.1 200 OK\r\n'

  it.each<[string, string, 'end' | 'reset' | 'stay']>([
    ['shorter than announced', `${head}content-length: 100\r\n\r\nshort`, 'end'],
    ['reset', `${head}content-length: 100\r\n\r\nshort`, 'reset'],
    ['cut in a chunk', `${head}transfer-encoding: chunked\r\n\r\n64\r\nshort`, 'end'],
    ['no valid chunks', `${head}transfer-encoding: chunked\r\n\r\n5\r\nshort\r\nnonsense\r\n`, 'stay'],
    ['ended by the connection', `${head}\r\nshort`, 'end'],
    [
      'followed by trailers without end',
      `${head}transfer-encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n${'x: y\r\n'.repeat(9000)}`,
      'stay',
    ],
  ])('calls it a success with a body that is %s', async (_what, answer, then) => {
    const receiver = await openRawReceiver((socket) => {
      socket.write(
        answer,
        () => then !== 'stay' && setImmediate(() => (then === 'end' ? socket.end() : socket.resetAndDestroy())),
      )
    })

    expect(await openDeliverer().deliver(callTo(receiver.url()))).toMatchObject({status: 200, error: null, response: 'short'})
    await receiver.idle()
  })

  it('calls it a success when the body is still coming at the deadline', async () => {
    const receiver = await openRawReceiver(`${head}content-length: 100\r\n\r\nslow`)

    const outcome = await openDeliverer().deliver(callTo(receiver.url(), {}, {timeoutMs: 100}))

    expect(outcome).toMatchObject({status: 200, error: null, response: 'slow'})
    await receiver.idle()
  })

  it('reads 64 KiB of a body without end, and lets the connection go', async () => {
    const block = Buffer.alloc(64 * 1024, 'x')
    const receiver = await openRawReceiver((socket) => {
      const pour = () => socket.write(block, (error) => error || setImmediate(pour))
      socket.write(`${head}\r\n`)
      pour()
    })
    const deliverer = openDeliverer({connections: 50})
    const rssBefore = process.memoryUsage.rss()

    const outcomes = await Promise.all(Array.from({length: 50}, () => deliverer.deliver(callTo(receiver.url()))))

    expect(outcomes).toMatchObject(Array.from({length: 50}, () => ({status: 200, response: 'x'.repeat(1024)})))
    await receiver.idle()
    expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(100 * 1024 * 1024)
  })
})
