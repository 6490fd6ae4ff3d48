import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'

import {TorqueError} from '../errors.js'
import type {RedisClient} from './redis/connect.js'
import {absentKey} from './keys.js'
import {redisError} from './redis/redis-error.js'
import {ScriptCall, type Sent} from './redis/script-call.js'

const read = (name: string) => readFileSync(new URL(`scripts/${name}.lua`, import.meta.url), 'utf8')

const libraries = new Map<string, string>()

function library(name: string): string {
  const known = libraries.get(name) ?? read(name)
  libraries.set(name, known)
  return known
}

/** A Lua script: one atomic step. Read when first run, sent whole only to a Redis that does not have it yet. */
export class Script<Reply> {
  readonly name: string
  readonly #libraries: readonly string[]
  #source: string | undefined
  #sha = ''

  /** `libraries`: what it begins with, after `lib`. With `limits` it is given the keys that go with them. */
  constructor(name: string, {libraries = []}: {libraries?: readonly string[]} = {}) {
    this.name = name
    this.#libraries = ['lib', ...libraries]
  }

  /**
   * Throws a `TorqueError`; `outcome_unknown` where the script may have run although no answer came. `sent` is told of the socket
   * over which it ran.
   */
  async run(redis: RedisClient, keys: readonly string[], values: readonly (string | number)[], sent?: Sent): Promise<Reply> {
    this.#load()
    // ioredis has the same words for a command it did not send and for one whose answer it gave up.
    if (redis.status === 'end') throw new TorqueError('redis_unavailable', 'the connection to Redis has ended')
    const call = {keys: redis.serverOf ? [...keys, absentKey(keys[0] ?? '')] : keys, values, sent}
    try {
      return (await redis.sendCommand(new ScriptCall('evalsha', this.#sha, call))) as Reply
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw redisError(error)
    }
    try {
      return (await redis.sendCommand(new ScriptCall('eval', this.#source ?? '', call))) as Reply
    } catch (error) {
      throw redisError(error)
    }
  }

  #load(): void {
    if (this.#source !== undefined) return
    this.#source = [...this.#libraries.map(library), read(this.name)].join('\n')
    this.#sha = createHash('sha1').update(this.#source).digest('hex')
  }
}
