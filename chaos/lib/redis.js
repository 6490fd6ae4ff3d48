import {once} from 'node:events'
import {createWriteStream} from 'node:fs'
import {join} from 'node:path'
import {Redis} from 'ioredis'

import {end, isRunning, start} from './children.js'
import {until} from './wait.js'

/** One Redis server with an append-only file, to be killed, started again and starved. */
export class RedisServer {
  dir
  socket
  #program
  #fsync
  #log
  #child
  #client

  /** `dir`: where its data goes. `log`: a file for what it says. */
  constructor({program, dir, log, fsync}) {
    this.dir = dir
    this.socket = join(dir, 'redis.sock')
    this.#program = program
    this.#fsync = fsync
    this.#log = createWriteStream(log, {flags: 'a'})
  }

  get url() {
    return `unix://${this.socket}`
  }

  get isRunning() {
    return this.#child !== undefined && isRunning(this.#child)
  }

  /** A connection to look on with, and to make faults by. */
  get client() {
    return this.#client
  }

  async start() {
    const settings = {port: 0, unixsocket: this.socket, dir: this.dir, save: '', appendonly: 'yes', appendfsync: this.#fsync}
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    const child = start(this.#program, args, {stdio: ['ignore', 'pipe', 'inherit']})
    this.#child = child
    child.stdout.on('data', (text) => this.#log.write(text))
    const ended = once(child, 'exit').then(() => {
      throw new Error(`redis-server ended when it started: see ${String(this.#log.path)}`)
    })
    ended.catch(() => {})
    await Promise.race([this.#untilLoaded(), ended])
  }

  kill() {
    return end(this.#child, 'SIGKILL')
  }

  async stop() {
    this.#client?.disconnect()
    if (this.#child) await end(this.#child, 'SIGKILL')
    this.#log.end()
  }

  async #untilLoaded() {
    this.#client ??= new Redis({path: this.socket, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => 50})
    this.#client.on('error', () => {})
    const answers = async () => (await this.#client.ping().catch(() => '')) === 'PONG'
    await until(answers, {withinMs: 60_000, what: 'a Redis that has read its data', everyMs: 20})
  }
}
