import {createSocket} from 'node:dgram'
import {once} from 'node:events'
import {onTestFinished} from 'vitest'

/** What is said of a name. */
export interface Answer {
  /** Of both kinds; a question gets those of its own. */
  addresses: readonly string[]
  /** The name is another's alias, and the addresses are that one's. */
  alias?: string
  delayMs?: number
}

/** What a name server says of a name: its addresses, that it does not exist (null), or nothing at all. */
export type Known = readonly string[] | Answer | 'silent' | null

/** The names it knows, others do not exist; or what it says of any name, `asked` being how often it was asked this before. */
export type Zone = Record<string, Known> | ((name: string, type: 'A' | 'AAAA', asked: number) => Known)

const recordTypes = {A: 1, CNAME: 5, AAAA: 28}

/** A name server on a UDP port of 127.0.0.1. */
export class NameServer {
  /** The names it was asked for, once per question (A and AAAA are two). */
  readonly questions: string[] = []
  readonly #socket = createSocket('udp4')
  readonly #asked = new Map<string, number>()
  #isOpen = true

  constructor(zone: Zone) {
    this.#socket.on('message', (query, peer) => {
      const {name, type, end} = readQuestion(query)
      this.questions.push(name)
      const known = this.#look(zone, name, type)
      if (known === 'silent') return
      const answer = known === null || 'addresses' in known ? known : {addresses: known}
      const bytes = reply(query.subarray(0, end), type, answer)
      const send = () => this.#isOpen && this.#socket.send(bytes, peer.port, peer.address)
      if (answer?.delayMs) setTimeout(send, answer.delayMs)
      else send()
    })
  }

  /** `127.0.0.1:<port>`. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async listen(): Promise<this> {
    this.#socket.bind(0, '127.0.0.1')
    await once(this.#socket, 'listening')
    return this
  }

  close(): void {
    this.#isOpen = false
    this.#socket.close()
  }

  #look(zone: Zone, name: string, type: number): Known {
    if (typeof zone !== 'function') return zone[name] ?? null
    const asked = this.#asked.get(`${name} ${type}`) ?? 0
    this.#asked.set(`${name} ${type}`, asked + 1)
    return zone(name, type === recordTypes.AAAA ? 'AAAA' : 'A', asked)
  }
}

/** A name server on a free port, closed when the test ends. */
export async function openNameServer(zone: Zone): Promise<NameServer> {
  const server = await new NameServer(zone).listen()
  onTestFinished(() => server.close())
  return server
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

function reply(question: Buffer, type: number, answer: Answer | null): Buffer {
  const addresses = (answer?.addresses ?? []).filter(
    (address) => type === (address.includes(':') ? recordTypes.AAAA : recordTypes.A),
  )
  // The name in question, by a pointer to it.
  const asked = Buffer.from([0xc0, 12])
  const alias = answer?.alias === undefined ? undefined : nameBytes(answer.alias)
  const records = [
    ...(alias ? [record(asked, recordTypes.CNAME, alias)] : []),
    ...addresses.map((address) => record(alias ?? asked, type, addressBytes(address))),
  ]
  const header = Buffer.from(question.subarray(0, 12))
  header.writeUInt16BE(answer ? 0x8180 : 0x8183, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  header.writeUInt32BE(0, 8)
  return Buffer.concat([header, question.subarray(12), ...records])
}

function record(owner: Buffer, type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10)
  fields.writeUInt16BE(type, 0)
  fields.writeUInt16BE(1, 2)
  fields.writeUInt16BE(data.length, 8)
  return Buffer.concat([owner, fields, data])
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([...labels, Buffer.from([0])])
}

function addressBytes(address: string): Buffer {
  return address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number))
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
