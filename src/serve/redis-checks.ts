import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'
import {durabilityFindings, durabilitySettings} from '../queue/durability.js'
import type {Finding} from '../queue/finding.js'
import type {Store} from '../queue/store.js'

/** What is wrong with the Redis in use, for `/healthz`. */
export type RedisWarning = Pick<Finding, 'code' | 'message'>

export interface RedisChecks {
  allowEviction: boolean
  /** Absent: another process has told what there is to tell. */
  log?: Logger | undefined
}

/**
 * Refuses a Redis that throws keys away when it is full, unless told to put up with it; warns of that, and of one that forgets
 * when it restarts or crashes. Resolves to what it has warned of.
 */
export async function checkRedis(store: Store, {allowEviction, log}: RedisChecks): Promise<RedisWarning[]> {
  const values = await Promise.all(durabilitySettings.map((name) => store.config(name)))
  const settings = Object.fromEntries(durabilitySettings.map((name, index) => [name, values[index]]))
  const grave = durabilityFindings(settings).filter(({level}) => level !== 'note')
  const evicting = grave.find(({code}) => code === 'eviction')
  if (evicting && !allowEviction) {
    throw new TorqueError('refused', evicting.message, {hint: 'set maxmemory-policy noeviction, or pass --allow-eviction'})
  }
  for (const {message, remedy} of grave) log?.warn({remedy}, message)
  return grave.map(({code, message}) => ({code, message}))
}
