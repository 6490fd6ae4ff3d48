import {connect} from 'node:net'

const blank = '\r\n\r\n'

/** A kept-alive HTTP connection that carries one request at a time, and costs next to nothing. */
export class HttpConnection {
  #socket
  #kept = ''
  #answered = null

  constructor(url) {
    const {hostname, port} = new URL(url)
    this.#socket = connect({host: hostname, port: Number(port), noDelay: true})
    this.#socket.on('data', (chunk) => this.#read(chunk))
    this.#socket.on('error', (error) => {
      throw error
    })
    this.ready = new Promise((resolve) => {
      this.#socket.once('connect', resolve)
    })
  }

  get isFree() {
    return this.#answered === null
  }

  /** Sends a request; calls `answered(head, body)` when its answer is here. */
  send(request, answered) {
    this.#answered = answered
    this.#socket.write(request, 'latin1')
  }

  close() {
    this.#socket.destroy()
  }

  #read(chunk) {
    const text = this.#kept + chunk.latin1Slice()
    const head = text.indexOf(blank)
    const end = head === -1 ? Infinity : head + blank.length + lengthIn(text.slice(0, head))
    if (text.length < end) {
      this.#kept = text
      return
    }
    this.#kept = ''
    const answered = this.#answered
    this.#answered = null
    answered(text.slice(0, head), text.slice(head + blank.length, end))
  }
}

function lengthIn(head) {
  const [, length] = /content-length: *(\d+)/i.exec(head) ?? []
  if (length === undefined) throw new Error(`an answer without a length: ${head}`)
  return Number(length)
}

/** A POST as it goes over the wire. `body` is ASCII. */
export function post(url, headers, body) {
  const {host, pathname} = new URL(url)
  const lines = Object.entries({host, ...headers, 'content-length': body.length}).map(([name, value]) => `${name}: ${value}`)
  return `POST ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}${blank}${body}`
}
