import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {Redis} from 'ioredis'
import {inject} from 'vitest'

import {diesWithParent} from '../../src/embedded/dies-with-parent.js'
import {until} from './until.js'

/** A server of a group: its process, and a connection to look into it and to command it. */
export interface GroupServer {
  port: number
  process: ChildProcess
  redis: Redis
}

/** Servers that work together, on ports of 127.0.0.1, in a directory of their own. To be stopped by who made it. */
export class RedisGroup {
  readonly #dir = mkdtempSync(join(tmpdir(), 'torque-group-'))
  readonly #servers: GroupServer[] = []

  /** Starts a server and waits until it answers. */
  async start(args: readonly string[], {port, sentinel}: {port?: number; sentinel?: string} = {}): Promise<GroupServer> {
    const at = port ?? (await freePort())
    const dir = join(this.#dir, String(at))
    mkdirSync(dir, {recursive: true})
    const [program, ...before] = [...(await diesWithParent(process.env)), inject('enginePath')]
    // A Sentinel writes down there what it has learnt.
    if (sentinel !== undefined) writeFileSync(join(dir, 'sentinel.conf'), `port ${at}\ndir ${dir}\n${sentinel}`)
    const own = ['--port', String(at), '--bind', '127.0.0.1', '--save', '', '--dir', dir]
    const given = sentinel === undefined ? [...own, ...args] : [join(dir, 'sentinel.conf'), '--sentinel']
    const child = spawn(program, [...before, ...given], {stdio: ['ignore', 'pipe', 'inherit']})
    const said: string[] = []
    createInterface({input: child.stdout}).on('line', (line) => said.push(line))
    const redis = new Redis({port: at, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null})
    redis.on('error', () => {})
    const server = {port: at, process: child, redis}
    this.#servers.push(server)
    await Promise.race([
      redis.ping(),
      once(child, 'exit').then(() => {
        throw new Error(`a server of the group did not start:\n${said.slice(-20).join('\n')}`)
      }),
    ])
    return server
  }

  /** Ends a server on the spot. */
  async kill({process: child, redis}: GroupServer): Promise<void> {
    redis.disconnect()
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => this.kill(server)))
    rmSync(this.#dir, {recursive: true, force: true})
  }
}

/** What `INFO` says of a server, by name. */
export async function infoOf({redis}: GroupServer, section: string): Promise<Record<string, string>> {
  const lines = (await redis.info(section)).split('\r\n')
  return Object.fromEntries(lines.filter((line) => line.includes(':')).map((line) => line.split(/:(.*)/s).slice(0, 2)))
}

/** One that has not finished its first synchronisation is never promoted. */
export async function untilLinked(replica: GroupServer): Promise<void> {
  await until(async () => (await infoOf(replica, 'replication'))['master_link_status'] === 'up')
}

/** A port nobody has, and the one that a cluster's nodes talk over, which is 10,000 above. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
