import {once} from 'node:events'
import {connect, createServer} from 'node:net'

/** Stands between one `serve` and its Redis, and can cut a connection before a command gets there, or before its answer gets back. */
export class Proxy {
  #server
  #target
  #armed
  #pairs = new Set()

  /** `target()` says where to connect to, as `net.connect` takes it. */
  constructor(target) {
    this.#target = target
  }

  async start() {
    this.#server = createServer((client) => this.#join(client)).listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get url() {
    return `redis://127.0.0.1:${this.#server.address().port}`
  }

  /** The next command, `'before'` it is sent on, or the next answer, `'after'` the command was carried out, ends its connection. */
  cut(when) {
    this.#armed = when
  }

  async stop() {
    this.#server.close()
    for (const end of this.#pairs) end()
    await once(this.#server, 'close')
  }

  #join(client) {
    const redis = connect(this.#target())
    const end = () => {
      client.destroy()
      redis.destroy()
      this.#pairs.delete(end)
    }
    this.#pairs.add(end)
    for (const socket of [client, redis]) socket.on('error', () => {}).on('close', end)
    client.on('data', (chunk) => (this.#isCut('before') ? end() : redis.write(chunk)))
    redis.on('data', (chunk) => (this.#isCut('after') ? end() : client.write(chunk)))
  }

  #isCut(when) {
    if (this.#armed !== when) return false
    this.#armed = undefined
    return true
  }
}
