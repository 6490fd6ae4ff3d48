import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {ProtocolError, type ResponseHead} from '../../src/dispatch/response-head.js'
import {ResponseReader} from '../../src/dispatch/response-reader.js'

/** What a reader says of bytes that come in these parts. */
function read(parts: readonly (string | Buffer)[]) {
  const body: Buffer[] = []
  let head: ResponseHead | undefined
  const reader = new ResponseReader({
    answered: (answer) => (head = answer),
    received: (part) => body.push(Buffer.from(part)),
  })
  let unread = ''
  try {
    for (const part of parts) {
      const bytes = Buffer.from(part as string, 'latin1')
      unread += bytes.toString('latin1', reader.read(bytes))
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return {head, body: Buffer.concat(body).toString('latin1'), error: error.message, unread, isComplete: false}
  }
  return {head, body: Buffer.concat(body).toString('latin1'), error: undefined, unread, isComplete: reader.isComplete}
}

/** The same bytes, cut at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((left, right) => left - right)
  return [...ends, text.length].map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end))
}

const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
const hex = (bytes: number) => bytes.toString(16)

/** An answer and what is to be read of it. */
const answers = fc.oneof(
  fc.string({unit: 'binary-ascii', maxLength: 200}).map((body) => ({
    text: `HTTP/1.1 200 OK\r\nx: y\r\nContent-Length:${body.length}\r\n\r\n${body}`,
    body,
    status: 200,
  })),
  fc.array(fc.string({unit: 'binary-ascii', minLength: 1, maxLength: 50}), {maxLength: 5}).map((chunks) => ({
    text: `${chunked}${chunks.map((chunk) => `${hex(chunk.length)};ext="a"\r\n${chunk}\r\n`).join('')}0\r\nt: u\r\n\r\n`,
    body: chunks.join(''),
    status: 200,
  })),
  fc.constantFrom(204, 304).map((status) => ({text: `HTTP/1.1 ${status} \r\ncontent-length: 5\r\n\r\n`, body: '', status})),
  fc.nat({max: 5}).map((hints) => ({
    text: `\r\n${'HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n'.repeat(hints)}HTTP/1.1 500\r\ncontent-length: 0\r\n\r\n`,
    body: '',
    status: 500,
  })),
)

describe('a response', () => {
  it('is the same however its bytes are cut, and leaves what comes after it', () => {
    fc.assert(
      fc.property(
        answers,
        fc.array(fc.nat()),
        fc.constantFrom('', 'HTTP/1.1 200', '\r\n'),
        ({text, body, status}, places, more) => {
          const whole = read(cut(text + more, places))

          expect(whole).toMatchObject({head: {status}, body, unread: more, isComplete: true, error: undefined})
        },
      ),
      {numRuns: 500},
    )
  })

  it('never breaks what reads it, whatever the bytes', () => {
    const pieces = fc.constantFrom(
      'HTTP/1.1 200 OK',
      '\r\n',
      '\n',
      'content-length: 3',
      chunked,
      '3',
      'abc',
      ':',
      ' ',
      '0',
      ';',
      '\0',
      '\xff',
      'HTTP/1.0 304',
    )
    fc.assert(
      fc.property(fc.array(pieces, {maxLength: 20}), fc.array(fc.nat()), (text, places) => {
        const {error, ...once} = read([text.join('')])
        const again = read(cut(text.join(''), places))

        // Bytes after a broken one may or may not have been seen.
        if (error === undefined) expect(again).toEqual({error, ...once})
        else expect(again.error).toBeDefined()
      }),
      {numRuns: 500},
    )
  })

  it.each<[string, string, ResponseHead['body']]>([
    ['its length', 'content-length: 7', 7],
    ['its chunks', 'transfer-encoding: chunked', 'chunked'],
    ['its chunks, whatever is in them', 'Transfer-Encoding: gzip, CHUNKED', 'chunked'],
    ['chunks named in a second field', 'transfer-encoding: gzip\r\ntransfer-encoding: chunked', 'chunked'],
    ['the connection, where it has neither', 'x: y', 'close'],
    ['the connection, where its encoding has no end of its own', 'transfer-encoding: chunked, gzip', 'close'],
  ])('ends with %s', (_what, field, body) => {
    expect(read([`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`]).head).toMatchObject({body})
  })

  it.each<[string, string, Partial<ResponseHead>]>([
    ['HTTP/1.1 200 OK', '', {keepAlive: true, keepAliveSeconds: undefined}],
    ['HTTP/1.1 200 OK', 'connection: foo, Close', {keepAlive: false}],
    ['HTTP/1.1 200 OK', 'connection: closed', {keepAlive: true}],
    ['HTTP/1.0 200 OK', 'connection: keep-alive', {keepAlive: false}],
    ['HTTP/1.1 200 OK', 'keep-alive: max=100, timeout=5', {keepAliveSeconds: 5}],
    ['HTTP/1.1 503 Busy', 'Retry-After:  7 \r\nretry-after: 9\r\ntorque-retry: no', {retryAfter: '7', torqueRetry: 'no'}],
  ])('%s with %j says %o', (line, fields, expected) => {
    expect(read([`${line}\r\n${fields === '' ? '' : `${fields}\r\n`}\r\n`]).head).toMatchObject(expected)
  })

  it.each([
    ['a field name with a blank after it', 'HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n'],
    ['a control character in a field', 'HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'],
    ['a CR in a field', 'HTTP/1.1 200 OK\r\nx: a\rcontent-length: 5\r\n\r\n'],
    ['the same length twice', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncontent-length: 0\r\n\r\n'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 0, 0\r\n\r\n'],
    ['a signed length', 'HTTP/1.1 200 OK\r\ncontent-length: +0\r\n\r\n'],
    ['an empty length', 'HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n'],
    ['a length of four hundred digits', `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(400)}\r\n\r\n`],
    ['a tab in the status line', 'HTTP/1.1\t200 OK\r\n\r\n'],
    ['a lower-case protocol', 'http/1.1 200 OK\r\n\r\n'],
    ['status 0', 'HTTP/1.1 000 No\r\n\r\n'],
    ['interim answers without end', 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n'.repeat(5000)],
    ['a chunk size that is none', `${chunked}xyz\r\n`],
    ['a chunk size of nine digits', `${chunked}100000000\r\n`],
    ['a negative chunk size', `${chunked}-1\r\n`],
    ['a chunk longer than its size', `${chunked}2\r\nabc\r\n`],
    ['a chunk line that ends in LF', `${chunked}2\nab\r\n`],
    ['a chunk extension without end', `${chunked}2;${'x'.repeat(20_000)}`],
    ['trailers without end', `${chunked}0\r\n${'x: y\r\n'.repeat(8000)}`],
  ])('is refused with %s, however it is cut', (_what, text) => {
    expect(read([text]).error).toBeDefined()
    expect(read(cut(text, [3, 20, 47, 48, 49, 60, 61, 300])).error).toBeDefined()
  })
})
