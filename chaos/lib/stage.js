import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

import {QueueKeys} from '../../dist/queue/keys.js'
import {obstacleTo} from './faults.js'
import {Observer} from './observer.js'
import {Proxy} from './proxy.js'
import {Receiver} from './receiver.js'
import {RedisServer} from './redis.js'
import {Sentinels} from './sentinels.js'
import {Serve} from './serve.js'
import {mountSmallDisk, unmount} from './small-disk.js'
import {until} from './wait.js'

const origins = 4

/** Each task takes some of these in the append-only file, which is not rewritten on a small disk; to begin with it may have as much. */
const diskBytes = (scale) => (64 << 20) + scale * 12_000

/** Everything a run needs: a Redis, a proxy before it for each of several serves, and a receiver. */
export class Stage {
  dir = mkdtempSync(join(tmpdir(), 'torque-chaos-'))
  keys = new QueueKeys('torque', 'default')
  receiver = new Receiver()
  serves = []
  proxies = []
  /** What was not as it should be, found while it ran. */
  complaints = []
  leaseMs
  redis
  observer
  #options
  #random
  #redisDir = join(this.dir, 'redis')
  #hasSmallDisk = false
  #busy = new Set()
  #redisTurn = Promise.resolve()

  constructor(options, random) {
    this.#options = options
    this.#random = random
    this.leaseMs = options.leaseMs
  }

  async open() {
    const {faults, scale, program, serves, fsync, sentinel} = this.#options
    mkdirSync(this.#redisDir)
    if (faults['full-disk']) this.#hasSmallDisk = mountSmallDisk(this.#redisDir, diskBytes(scale))
    const Server = sentinel ? Sentinels : RedisServer
    this.redis = new Server({program, dir: this.#redisDir, log: join(this.dir, 'redis.log'), fsync})
    await this.redis.start()
    await this.receiver.start(origins)
    for (let index = 0; index < serves; index++) await this.#addServe(`serve-${index}`)
    await Promise.all(this.serves.map((serve) => serve.start()))
    this.observer = new Observer({client: this.redis.client, keys: this.keys})
    this.observer.start()
  }

  /** Why a fault cannot be made here; undefined where it can. */
  obstacleTo(name) {
    return obstacleTo(name, {hasSmallDisk: this.#hasSmallDisk, sentinel: this.#options.sentinel})
  }

  urls = () => this.serves.flatMap(({url}) => url ?? [])

  /** Something is done to one of the processes, and nothing else to the same one meanwhile. */
  async withServe(act) {
    const isFree = (serve) => !this.#busy.has(serve)
    await until(() => this.serves.some(isFree), {withinMs: 120_000, what: 'a serve that nothing is done to'})
    const serve = this.#random.pick(this.serves.filter(isFree))
    this.#busy.add(serve)
    try {
      await act(serve)
    } finally {
      this.#busy.delete(serve)
    }
  }

  /** Something is done to Redis, one thing after the other. */
  withRedis(act) {
    const done = this.#redisTurn.then(() => act(this.redis))
    this.#redisTurn = done.catch(() => {})
    return done
  }

  complain(text) {
    this.complaints.push(text)
  }

  /** Ends all of it. The logs stay in `dir`. */
  async close() {
    await this.observer?.stop()
    await Promise.all(this.serves.map((serve) => serve.stop()))
    await this.redis?.stop()
    await Promise.all([this.receiver.stop(), ...this.proxies.map((proxy) => proxy.stop())])
    if (this.#hasSmallDisk) unmount(this.#redisDir)
    rmSync(this.#redisDir, {recursive: true, force: true})
  }

  /** A proxy for each serve; what Sentinels name is not to be had through one. */
  async #wayToRedis() {
    if (this.#options.sentinel) return this.redis.url
    const proxy = new Proxy(() => ({path: this.redis.socket}))
    await proxy.start()
    this.proxies.push(proxy)
    return proxy.url
  }

  async #addServe(name) {
    const {leaseMs, concurrency, ackReplicas} = this.#options
    const flags = {
      redis: await this.#wayToRedis(),
      lease: `${leaseMs}ms`,
      concurrency,
      'min-backoff': '200ms',
      'max-backoff': '1s',
      'backoff-factor': 2,
      'keep-delivered': 1_000_000,
      'shutdown-timeout': '20s',
      ...(ackReplicas > 0 && {'ack-replicas': ackReplicas}),
    }
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])
    const env = {PATH: process.env.PATH, HOME: this.dir, XDG_CONFIG_HOME: this.dir}
    this.serves.push(new Serve({name, args, env, log: join(this.dir, `${name}.log`)}))
  }
}
