import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'
import {durabilityFindings, durabilitySettings} from '../queue/doctor/durability.js'
import type {Finding} from '../queue/doctor/finding.js'
import {connectedReplicas} from '../queue/replicas.js'
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
  const grave = (await findings(store)).filter(({level}) => level !== 'note')
  const evicting = grave.find(({code}) => code === 'eviction')
  if (evicting && !allowEviction) {
    throw new TorqueError('refused', evicting.message, {hint: 'set maxmemory-policy noeviction, or pass --allow-eviction'})
  }
  for (const {message, remedy} of grave) log?.warn({remedy}, message)
  return grave.map(({code, message}) => ({code, message}))
}

/** Warns where there are fewer replicas than each add is to wait for. */
export async function checkReplicas(
  store: Store,
  {ackReplicas, log}: {ackReplicas: number; log?: Logger | undefined},
): Promise<void> {
  if (ackReplicas === 0) return
  const replicas = Math.min(...(await Promise.all(store.servers.map(connectedReplicas))))
  if (replicas < ackReplicas) {
    log?.warn({replicas, ackReplicas}, 'fewer replicas than --ack-replicas: no add is confirmed until there are as many')
  }
}

/** Of every server that holds tasks; what is wrong with several of them is said once. */
async function findings(store: Store): Promise<Finding[]> {
  const found = await Promise.all(store.servers.map((server) => findingsOf(store, server)))
  return [...new Map(found.flat().map((finding) => [finding.message, finding])).values()]
}

async function findingsOf(store: Store, server: Store['redis']): Promise<Finding[]> {
  const values = await Promise.all(durabilitySettings.map((name) => store.config(name, server)))
  return durabilityFindings(Object.fromEntries(durabilitySettings.map((name, index) => [name, values[index]])))
}
