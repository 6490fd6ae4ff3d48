import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {type Server, type Socket, connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'

import {socketUrl} from '../../src/embedded/home.js'

/** Stands before a Redis and can answer in its place, for states of it that are hard to bring about. */
export class RefusingRedis {
  readonly dir = mkdtempSync(join(tmpdir(), 'torque-refusing-'))
  readonly url = socketUrl(join(this.dir, 'redis.sock'))
  /** Commands it has refused. */
  refused = 0
  readonly #target: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #error: string | undefined

  constructor(redisUrl: string) {
    this.#target = decodeURIComponent(new URL(redisUrl).pathname)
    this.#server = createServer((client) => this.#join(client))
  }

  async listen(): Promise<void> {
    this.#server.listen(decodeURIComponent(new URL(this.url).pathname))
    await once(this.#server, 'listening')
  }

  /** Answers every command with this error from now on, but for subscriptions. */
  refuse(error: string): void {
    this.#error = error
  }

  /** Lets every command through again. */
  serve(): void {
    this.#error = undefined
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
    rmSync(this.dir, {recursive: true, force: true})
  }

  #join(client: Socket): void {
    const redis = connect(this.#target)
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {}).on('close', () => (this.#sockets.delete(one), other.destroy()))
    }
    redis.pipe(client)
    let buffered = Buffer.alloc(0)
    client.on('data', (data) => {
      buffered = Buffer.concat([buffered, data])
      for (let end = commandEnd(buffered); end > 0; end = commandEnd(buffered)) {
        this.#answer(buffered.subarray(0, end), client, redis)
        buffered = buffered.subarray(end)
      }
    })
  }

  #answer(command: Buffer, client: Socket, redis: Socket): void {
    if (this.#error === undefined || command.includes('subscribe')) return void redis.write(command)
    this.refused += 1
    client.write(`-${this.#error}\r\n`)
  }
}

/** Where the first command ends, a list of strings in the protocol of Redis; 0 where it is not all there. */
function commandEnd(data: Buffer): number {
  let at = data.indexOf('\r\n')
  if (at < 0) return 0
  let parts = Number(data.toString('latin1', 1, at))
  for (at += 2; parts > 0; parts--) {
    const lineEnd = data.indexOf('\r\n', at)
    if (lineEnd < 0) return 0
    at = lineEnd + 2 + Number(data.toString('latin1', at + 1, lineEnd)) + 2
  }
  return at <= data.length ? at : 0
}

/** One before the Redis at a unix socket URL, closed when the test ends. */
export async function openRefusingRedis(redisUrl: string): Promise<RefusingRedis> {
  const refusing = new RefusingRedis(redisUrl)
  await refusing.listen()
  onTestFinished(() => refusing.close())
  return refusing
}
