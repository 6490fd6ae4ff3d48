import {ask} from '../context.js'
import {type ServerSettings, durabilitySettings} from './durability.js'
import type {Store} from '../store.js'

/** What a Redis server says of itself. */
export interface ServerFacts {
  /** The fields of INFO. */
  info: ReadonlyMap<string, string>
  settings: ServerSettings
  /** How far its clock is ahead of this machine's, in ms. */
  clockOffsetMs: number
}

const settingNames = [...durabilitySettings, 'min-replicas-to-write'] as const
const clockTries = 5

/** Asks the server; what it does not tell is left out. */
export async function serverFacts(store: Store, server: Store['redis']): Promise<ServerFacts> {
  const values = await Promise.all(settingNames.map((name) => store.config(name, server)))
  const settings = Object.fromEntries(settingNames.map((name, index) => [name, values[index]]))
  return {info: await store.info(server), settings, clockOffsetMs: await clockOffset(server)}
}

/** By the quickest of a few answers: it leaves the least room for doubt. */
async function clockOffset(redis: Store['redis']): Promise<number> {
  let best = {tookMs: Infinity, offsetMs: 0}
  for (let tries = 0; tries < clockTries; tries++) {
    const [from, start] = [Date.now(), performance.now()]
    const [seconds = 0, micros = 0] = await ask(() => redis.time())
    const there = Number(seconds) * 1000 + Number(micros) / 1000
    const tookMs = performance.now() - start
    if (tookMs < best.tookMs) best = {tookMs, offsetMs: Math.round(there - from - tookMs / 2)}
  }
  return best.offsetMs
}
