import {once} from 'node:events'
import {createWriteStream, mkdirSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {Redis} from 'ioredis'

import {end, start} from './children.js'
import {until} from './wait.js'

const name = 'main'
const bootMs = 30_000

/** A master with two replicas, and three Sentinels that make another one the master when it dies. */
export class Sentinels {
  #program
  #dir
  #log
  #data = []
  #sentinels = []
  #client

  constructor({program, dir, log}) {
    this.#program = program
    this.#dir = dir
    this.#log = createWriteStream(log, {flags: 'a'})
  }

  get url() {
    return `redis+sentinel://${this.#sentinels.map(({port}) => `127.0.0.1:${port}`).join(',')}/${name}`
  }

  get isRunning() {
    return true
  }

  /** A connection to whoever is the master. */
  get client() {
    return this.#client
  }

  async start() {
    const master = await this.#startData()
    await Promise.all([this.#startData(master.port), this.#startData(master.port)])
    await Promise.all([1, 2, 3].map(() => this.#startSentinel(master.port)))
    const sentinels = this.#sentinels.map(({port}) => ({host: '127.0.0.1', port}))
    this.#client = new Redis({
      sentinels,
      name,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 100,
      sentinelRetryStrategy: () => 100,
    })
    this.#client.on('error', () => {})
    await this.#untilSteady()
  }

  /** The master dies, another one takes its place, and the dead one comes back as a replica. */
  async failover() {
    const port = await this.#masterPort()
    const dead = this.#data.find((server) => server.port === port)
    await end(dead.child, 'SIGKILL')
    await until(async () => (await this.#masterPort()) !== port, {withinMs: bootMs, what: 'another master'})
    dead.client.disconnect()
    this.#data = this.#data.filter((server) => server !== dead)
    await this.#startData(await this.#masterPort(), port)
    await this.#untilSteady()
  }

  async stop() {
    this.#client?.disconnect()
    for (const {client, child} of [...this.#sentinels, ...this.#data]) {
      client.disconnect()
      await end(child, 'SIGKILL')
    }
    this.#log.end()
  }

  async #startData(masterPort, port) {
    const at = port ?? (await freePort())
    const settings = {port: at, bind: '127.0.0.1', dir: this.#dirOf(at), save: '', appendonly: 'yes', appendfsync: 'always'}
    const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)])
    if (masterPort) args.push('--replicaof', '127.0.0.1', String(masterPort))
    const server = await this.#start(at, [...args, '--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'])
    this.#data.push(server)
    return server
  }

  async #startSentinel(masterPort) {
    const port = await freePort()
    const file = join(this.#dirOf(port), 'sentinel.conf')
    const lines = [
      `port ${port}`,
      `sentinel monitor ${name} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    this.#sentinels.push(await this.#start(port, [file, '--sentinel']))
  }

  async #start(port, args) {
    const child = start(this.#program, args, {stdio: ['ignore', 'pipe', 'inherit']})
    child.stdout.on('data', (text) => this.#log.write(text))
    const client = new Redis({port, host: '127.0.0.1', maxRetriesPerRequest: 0, retryStrategy: () => 50})
    client.on('error', () => {})
    const answers = async () => (await client.ping().catch(() => '')) === 'PONG'
    await until(answers, {withinMs: bootMs, what: `a server on port ${port}`})
    return {port, child, client}
  }

  async #masterPort() {
    const [, port] = await this.#sentinels[0].client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)
    return Number(port)
  }

  /** The next failover would succeed: each Sentinel knows the others and two replicas, and those have what the master has. */
  async #untilSteady() {
    const isSteady = async () => {
      const views = await Promise.all(this.#sentinels.map(({client}) => client.call('SENTINEL', 'MASTER', name)))
      const value = (view, key) => view[view.indexOf(key) + 1]
      const agree = views.every((view) => value(view, 'num-other-sentinels') === '2' && value(view, 'num-slaves') === '2')
      const master = this.#data.find(({port}) => views.every((view) => Number(value(view, 'port')) === port))
      if (!agree || !master) return false
      const info = await master.client.info('replication')
      return [...info.matchAll(/state=online,offset=\d+,lag=[01]\b/g)].length === 2
    }
    await until(() => isSteady().catch(() => false), {withinMs: 60_000, what: 'replicas that have caught up'})
  }

  #dirOf(port) {
    const dir = join(this.#dir, String(port))
    mkdirSync(dir, {recursive: true})
    return dir
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address()
  server.close()
  await once(server, 'close')
  return port
}
