import {rmSync, statfsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

import {pause} from './wait.js'

/**
 * What can be done to a running torque, each by a name. Each resolves when all is as it was before. `stage` is what it is done
 * to, `random` decides the rest.
 */
export const faults = {
  /** A process dies without a word, and is started again. */
  async kill(stage, random) {
    await stage.withServe(async (serve) => {
      await serve.end('SIGKILL')
      await pause(random.between(0, 500))
      await serve.start()
    })
  },

  /** A process is told to end, does so in order, and is started again. */
  async term(stage) {
    await stage.withServe(async (serve) => {
      const how = await serve.end('SIGTERM')
      if (how !== 0) stage.complain(`${serve.name}: SIGTERM ended it with ${how}, not with 0`)
      await serve.start()
    })
  },

  /** A process stands still for longer than its lease, and goes on. */
  async stop(stage, random) {
    await stage.withServe(async (serve) => {
      serve.signal('SIGSTOP')
      await pause(stage.leaseMs * (1.2 + random.next() * 0.8))
      serve.signal('SIGCONT')
      await pause(random.between(100, 400))
    })
  },

  /** Redis dies and comes back, now and then after longer than a lease. */
  async 'redis-kill'(stage, random) {
    await stage.withRedis(async (redis) => {
      await redis.kill()
      await pause(random.chance(0.3) ? stage.leaseMs * 1.5 : random.between(0, 500))
      await redis.start()
    })
  },

  async 'script-flush'(stage) {
    await stage.withRedis((redis) => redis.client.script('FLUSH'))
  },

  /** All connections to Redis end, several times over. */
  async 'client-kill'(stage, random) {
    for (let times = random.between(1, 5); times > 0; times--) {
      await stage.withRedis((redis) => redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
      await pause(random.between(0, 100))
    }
  },

  /** A connection ends with a command on its way, or with its answer on its way back. */
  async cut(stage, random) {
    for (let times = random.between(1, 5); times > 0; times--) {
      random.pick(stage.proxies).cut(random.pick(['before', 'after']))
      await pause(random.between(20, 100))
    }
  },

  async 'full-memory'(stage, random) {
    await stage.withRedis(async (redis) => {
      await redis.client.config('SET', 'maxmemory', '1mb')
      await pause(random.between(300, 1_500))
      await redis.client.config('SET', 'maxmemory', '0')
    })
  },

  /** The master dies; Sentinels make a replica the master. */
  async failover(stage) {
    await stage.withRedis((redis) => redis.failover())
  },

  /** The disk of Redis is full. With `appendfsync always` that ends it; it is started again when there is room. */
  async 'full-disk'(stage, random) {
    await stage.withRedis(async (redis) => {
      const ballast = join(redis.dir, 'ballast')
      fillDisk(redis.dir, ballast)
      await pause(random.between(1_000, 2_000))
      rmSync(ballast)
      if (!redis.isRunning) await redis.start()
    })
  },
}

/** Leaves no room at all: in blocks, then in bytes. */
function fillDisk(dir, path) {
  const {bavail, bsize} = statfsSync(dir)
  const block = Buffer.alloc(bsize)
  try {
    writeFileSync(path, Buffer.alloc(bavail * bsize))
    for (;;) writeFileSync(path, block, {flag: 'a'})
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error
  }
}

/** What can be done to a Redis that is alone; the rest but a failover can be done to any. */
const alone = new Set(['redis-kill', 'cut', 'full-memory', 'full-disk'])

/** Why a fault cannot be made here; undefined where it can. */
export function obstacleTo(name, {hasSmallDisk, sentinel}) {
  if (sentinel ? alone.has(name) : name === 'failover') return `${name}: not ${sentinel ? 'with' : 'without'} --sentinel`
  return name === 'full-disk' && !hasSmallDisk ? 'full-disk: needs root, for a small disk of its own' : undefined
}
