import {once} from 'node:events'
import type {AddressInfo, Socket} from 'node:net'
import {createServer} from 'node:tls'
import {fileURLToPath} from 'node:url'
import {gzipSync} from 'node:zlib'
import {expect, it, onTestFinished} from 'vitest'

import {makeCertificate} from '../support/certificate.js'
import {openRawReceiver} from '../support/raw-receiver.js'
import {runProgram} from '../support/torque.js'

const program = fileURLToPath(new URL('../support/hostile-calls.js', import.meta.url))
const atOnce = 50
/** For what has no other end; all else must come to one by itself. */
const deadlineMs = 400

/** Writes the same over and over, as fast as it is read. */
const endless = (start: string, bytes: string | Buffer) => (socket: Socket) => {
  const part = Buffer.concat(Array.from({length: Math.ceil(20_000 / bytes.length)}, () => Buffer.from(bytes)))
  const more = () => {
    while (!socket.destroyed && socket.write(part));
  }
  socket.on('drain', more).write(start)
  more()
}

const drip = (start: string, bytes: string) => (socket: Socket) => {
  socket.write(start)
  const timer = setInterval(() => socket.write(bytes), 10)
  socket.on('close', () => clearInterval(timer))
}

const ok = 'HTTP/1.1 200 OK\r\n'
const bomb = gzipSync(Buffer.alloc(20_000_000))

/** What a receiver does with a call, and what comes of it: a status where its head was complete. */
const kinds: Record<string, [does: (socket: Socket) => void, code: string | number]> = {
  'an endless body': [endless(`${ok}\r\n`, 'x'.repeat(1000)), 200],
  'an endless body of an error': [endless('HTTP/1.1 500 No\r\n\r\n', 'x'.repeat(1000)), 500],
  'a body longer than any': [endless(`${ok}content-length: 999999999999999\r\n\r\n`, 'x'.repeat(1000)), 200],
  'an endless chunk': [endless(`${ok}transfer-encoding: chunked\r\n\r\nffffffff\r\n`, 'x'.repeat(1000)), 200],
  'endless small chunks': [endless(`${ok}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n'), 200],
  'an endless chunk size': [endless(`${ok}transfer-encoding: chunked\r\n\r\n1;`, 'x'.repeat(1000)), 200],
  'endless trailers': [endless(`${ok}transfer-encoding: chunked\r\n\r\n0\r\n`, 'x: y\r\n'), 200],
  'a compressed bomb': [
    (socket) =>
      socket.write(
        Buffer.concat([
          Buffer.from(`${ok}connection: close\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`),
          bomb,
        ]),
      ),
    200,
  ],
  'an endless status line': [endless('HTTP/1.1 200 ', 'x'.repeat(1000)), 'protocol'],
  'endless headers': [endless(ok, `x: ${'y'.repeat(1000)}\r\n`), 'protocol'],
  'endless small headers': [endless(ok, 'x:\r\n'), 'protocol'],
  'endless 1xx answers': [endless('', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'), 'protocol'],
  'endless empty lines': [endless('', '\r\n'), 'protocol'],
  'endless garbage': [endless('', Buffer.from([0, 255, 13, 7, 10])), 'protocol'],
  'a dripping body': [drip(`${ok}\r\n`, 'x'), 200],
  'a dripping head': [drip(ok, 'x: y\r\n'), 'timeout'],
  'a silent end': [(socket) => socket.end(), 'connection_reset'],
  'a reset': [(socket) => socket.resetAndDestroy(), 'connection_reset'],
  'a reset in the head': [(socket) => socket.write(ok, () => socket.resetAndDestroy()), 'connection_reset'],
}

async function openBadTls(): Promise<string> {
  const server = createServer(makeCertificate(['elsewhere.test']), (socket) => socket.end())
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

it(
  'hostile receivers, 50 at once of each kind, cost no more than a little memory, and every socket is given back',
  {timeout: 60_000},
  async () => {
    const good = await openRawReceiver('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    const receivers = await Promise.all(
      Object.entries(kinds).map(async ([kind, [does]]) => ({kind, receiver: await openRawReceiver(does)})),
    )
    const badTls = await openBadTls()
    const asked = [
      {kind: 'a good answer', url: good.url(), warms: true},
      {kind: 'a bad certificate', url: badTls, warms: true},
      ...receivers.map(({kind, receiver}) => ({kind, url: receiver.url()})),
      {kind: 'a bad certificate, again', url: badTls},
    ].map((each) => ({timeoutMs: each.kind.startsWith('a dripping') ? deadlineMs : 15_000, ...each}))

    const {stdout, stderr} = await runProgram(process.execPath, [program, JSON.stringify({kinds: asked, atOnce})])

    const {results, grownBy} = JSON.parse(stdout || JSON.stringify({results: stderr})) as {
      results: {kind: string; codes: unknown[]; open: number; kept: number}[]
      grownBy: number
    }
    const expected = Object.entries(kinds).map(([kind, [, code]]) => ({kind, codes: [code], open: 0}))
    expect(results.map(({kind, codes, open}) => ({kind, codes, open}))).toEqual([
      {kind: 'a good answer', codes: [200], open: 0},
      {kind: 'a bad certificate', codes: ['tls'], open: 0},
      ...expected,
      {kind: 'a bad certificate, again', codes: ['tls'], open: 0},
    ])
    expect(Math.max(...results.map(({kept}) => kept))).toBeLessThanOrEqual(1024)
    expect(grownBy).toBeLessThan(50)
  },
)
