import type {Socket} from 'node:net'
import {describe, expect, it} from 'vitest'

import type {OutcomeCode, Task} from '../../src/task/task.js'
import {anywhere, callTo, openDeliverer} from '../support/deliverer.js'
import {openNameServer} from '../support/name-server.js'
import {type RawAnswer, openRawReceiver} from '../support/raw-receiver.js'
import {openReceiver} from '../support/receiver.js'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const end = (bytes: string) => (socket: Socket) => socket.end(bytes)

/** Each is one error with a code that stays; none is ever a success. */
const failures: [what: string, answer: RawAnswer, code: OutcomeCode][] = [
  ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n', 'protocol'],
  ['a binary banner', Buffer.from([0x16, 3, 1, 0, 255, 0, 10, 13]), 'protocol'],
  ['lines that end in LF only', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', 'protocol'],
  ['HTTP/0.9', end('<html>hello</html>'), 'protocol'],
  ['another version of HTTP', 'HTTP/3.0 200 OK\r\n\r\n', 'protocol'],
  ['a status of two digits', 'HTTP/1.1 99 Odd\r\n\r\n', 'protocol'],
  ['a status of four digits', 'HTTP/1.1 2000 Odd\r\n\r\n', 'protocol'],
  ['a length and chunks at once', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nok', 'protocol'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok', 'protocol'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok', 'protocol'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', 'protocol'],
  ['more headers than 16 KiB', `HTTP/1.1 200 OK\r\n${`x-flood: ${'a'.repeat(990)}\r\n`.repeat(20)}\r\n`, 'protocol'],
  ['an unasked upgrade', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n', 'protocol'],
  ['101 alone', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'protocol'],
  ['the end of the connection', end(''), 'connection_reset'],
  ['half a status line', end('HTTP/1.1 20'), 'connection_reset'],
  ['2xx headers without their end', end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n'), 'connection_reset'],
  ['1xx and no more', end('HTTP/1.1 103 Early Hints\r\n\r\n'), 'connection_reset'],
  ['a reset', (socket) => socket.resetAndDestroy(), 'connection_reset'],
]

describe('deliver', () => {
  it.each(failures)('takes %s for an error', async (_what, answer, code) => {
    const receiver = await openRawReceiver(answer)

    const outcome = await openDeliverer().deliver(callTo(receiver.url()))

    expect(outcome).toMatchObject({status: null, error: code, response: null})
    expect(outcome.message).toContain(`127.0.0.1:${receiver.port}`)
    await receiver.idle()
  })

  it.each<[string, Partial<Task>]>([
    ['method', {method: 'GET / HTTP/1.1\r\nhost: a\r\n\r\nPOST' as Task['method']}],
    ['id', {id: 'a\r\nx-injected: 1'}],
    ['header', {headers: {'x-one': 'a\r\nx-injected: 1'}}],
    ['second length', {headers: {'content-length': '5'}}],
    ['second framing', {headers: {'transfer-encoding': 'chunked'}}],
    ['second host', {headers: {host: 'elsewhere.test'}}],
    ['path', {url: 'nowhere'}],
  ])('calls nobody for a damaged task: its %s', async (_what, damage) => {
    const receiver = await openRawReceiver(ok)
    const outcome = await openDeliverer().deliver(callTo(receiver.url(), damage))

    expect(outcome.error).toBe('internal')
    expect(receiver.requests).toEqual([])
  })

  it('makes one call of each failure: nothing is sent twice', async () => {
    const receiver = await openRawReceiver((socket) => socket.resetAndDestroy())

    await openDeliverer().deliver(callTo(receiver.url()))

    expect(receiver.requests).toHaveLength(1)
  })

  it('calls again on a new connection after each failure', async () => {
    const answers = failures.map(([, answer]) => answer)
    const receiver = await openRawReceiver((socket, request) => {
      const answer = answers.shift() ?? ok
      return typeof answer === 'function' ? answer(socket, request) : void socket.write(answer)
    })
    const deliverer = openDeliverer({connections: 1})

    for (const [, , error] of failures) expect(await deliverer.deliver(callTo(receiver.url()))).toMatchObject({error})

    expect(await deliverer.deliver(callTo(receiver.url()))).toMatchObject({status: 200, error: null})
    expect(receiver.connections).toBe(failures.length + 1)
  })

  it('says so when nobody listens', async () => {
    const receiver = await openReceiver()
    const url = receiver.url()
    await receiver.close()

    const outcome = await openDeliverer().deliver(callTo(url))

    expect(outcome).toMatchObject({
      status: null,
      error: 'connect_refused',
      message: `${new URL(url).host} refused the connection`,
    })
  })

  it('fails a call that met a connection which its receiver had closed, and does not send it twice', async () => {
    const receiver = await openRawReceiver((socket) =>
      receiver.requests.length === 1 ? socket.write(ok) : socket.resetAndDestroy(),
    )
    const deliverer = openDeliverer()
    await deliverer.deliver(callTo(receiver.url()))

    const outcome = await deliverer.deliver(callTo(receiver.url()))

    expect(outcome).toMatchObject({error: 'connection_reset'})
    expect(receiver).toMatchObject({connections: 1, requests: {length: 2}})
  })

  it.each([
    ['does not exist', 'gone.test', 'no such name'],
    ['has no address', 'empty.test', 'the name has no address'],
    ['is never answered for', 'silent.test', 'no answer from a name server in time'],
  ])('blames the name that %s', async (_what, name, reason) => {
    const {address} = await openNameServer({'empty.test': [], 'silent.test': 'silent'})
    const deliverer = openDeliverer({dnsServers: [address], connectTimeoutMs: 600})

    const outcome = await deliverer.deliver(callTo(`http://${name}:8080/`))

    expect(outcome).toMatchObject({error: 'dns', message: `could not look up ${name}:8080: ${reason}`})
  })

  it('names no more of a host than a host may have', async () => {
    const deliverer = openDeliverer({dnsServers: ['127.0.0.1:1']})

    const outcome = await deliverer.deliver(callTo(`http://${'a'.repeat(2000)}.test/`))

    expect(outcome.error).toBe('dns')
    expect(outcome.message!.length).toBeLessThan(400)
  })

  it('tells nothing about the network when a call is not allowed', async () => {
    const receiver = await openReceiver()
    const deliverer = openDeliverer({egress: {...anywhere, judge: () => 'private address 127.0.0.1'}})

    const outcome = await deliverer.deliver(callTo(receiver.url()))

    const {host} = new URL(receiver.url())
    expect(outcome).toMatchObject({status: null, error: 'egress_denied', message: `calls to ${host} are not allowed`})
    expect(receiver.connections).toBe(0)
  })
})
