import {createSocket} from 'node:dgram'
import {once} from 'node:events'
import {onTestFinished} from 'vitest'

/** What a name server knows: the addresses of a name, or that it never answers for it. Other names do not exist. */
export type Zone = Record<string, readonly string[] | 'silent'>

export interface NameServer {
  /** `127.0.0.1:<port>`. */
  address: string
  /** The names it was asked for, once per question (A and AAAA are two). */
  questions: string[]
}

const recordTypes = {a: 1, aaaa: 28}

/** A name server on a free UDP port of 127.0.0.1, closed when the test ends. */
export async function openNameServer(zone: Zone): Promise<NameServer> {
  const socket = createSocket('udp4')
  const questions: string[] = []
  socket.on('message', (query, peer) => {
    const {name, type, end} = readQuestion(query)
    questions.push(name)
    const found = zone[name]
    if (found !== 'silent') socket.send(reply(query.subarray(0, end), type, found), peer.port, peer.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return {address: `127.0.0.1:${socket.address().port}`, questions}
}

function readQuestion(query: Buffer): {name: string; type: number; end: number} {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return {name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5}
}

function reply(question: Buffer, type: number, found: readonly string[] | undefined): Buffer {
  const answers = (found ?? []).filter((address) => type === (address.includes(':') ? recordTypes.aaaa : recordTypes.a))
  const header = Buffer.from(question.subarray(0, 12))
  header.writeUInt16BE(found ? 0x8180 : 0x8183, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(answers.length, 6)
  header.writeUInt32BE(0, 8)
  return Buffer.concat([header, question.subarray(12), ...answers.map((address) => answerRecord(type, address))])
}

function answerRecord(type: number, address: string): Buffer {
  const data = address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number))
  const record = Buffer.alloc(12)
  // The name: a pointer to the question's.
  record.writeUInt16BE(0xc00c, 0)
  record.writeUInt16BE(type, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt16BE(data.length, 10)
  return Buffer.concat([record, data])
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::').map((part) =>
    part
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
  )
  return Buffer.from(head.padEnd(32 - tail.length, '0') + tail, 'hex')
}
