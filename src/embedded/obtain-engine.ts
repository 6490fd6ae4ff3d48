import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import {adoptEngine} from './adopt-engine.js'
import type {EngineBinary} from './binary.js'
import type {Fsync} from './engine-arguments.js'
import {lockEngine, recordedPid} from './engine-lock.js'
import type {Environment, HomePaths} from './home.js'
import type {RunningEngine} from './running-engine.js'
import {startEngine} from './start-engine.js'

export interface ObtainOptions {
  paths: HomePaths
  /** Looked for only when an engine has to be started. */
  binary: () => Promise<EngineBinary>
  fsync: Fsync
  env: Environment
  signal: AbortSignal
}

/** An engine that was told to end holds its lock until its data is on disk: wait for that, in ms. */
const endingMs = 20_000
const pollMs = 20

/** Adopts the engine that is up in a home, or starts one. The caller holds the lock of `serve`. */
export async function obtainEngine(options: ObtainOptions): Promise<RunningEngine> {
  const {paths, fsync, signal} = options
  const giveUpAt = performance.now() + endingMs
  while (performance.now() < giveUpAt) {
    const running = (await adoptEngine(paths, fsync)) ?? (await startLocked(options))
    if (running) return running
    await delay(pollMs, undefined, {signal})
  }
  throw await unreachable(paths)
}

/** Resolves to `null` while another engine has the data. */
async function startLocked({paths, binary, fsync, env, signal}: ObtainOptions): Promise<RunningEngine | null> {
  const lock = await lockEngine(paths, env)
  if (!lock) return null
  try {
    const chosen = await binary()
    await checkData(paths, chosen)
    return await startEngine({paths, binary: chosen, fsync, env, lock, signal})
  } finally {
    await lock.release()
  }
}

/** Before version 7 the append-only file was elsewhere: an older engine would not see the data and begin with nothing. */
async function checkData({data}: HomePaths, {path, product, version}: EngineBinary): Promise<void> {
  if (product === 'valkey' || Number.parseInt(version, 10) >= 7) return
  const newer = await access(join(data, 'appendonlydir')).then(
    () => true,
    () => false,
  )
  if (!newer) return
  throw new TorqueError(
    'refused',
    `the data in ${JSON.stringify(data)} was written by Redis 7 or later; ${JSON.stringify(path)} is ${version}`,
    {
      hint: 'put the newer engine back on the PATH, or run: torque redis install',
    },
  )
}

async function unreachable(paths: HomePaths): Promise<TorqueError> {
  const pid = await recordedPid(paths)
  return new TorqueError(
    'redis_unavailable',
    `an engine${pid ? ` (pid ${pid})` : ''} has ${JSON.stringify(paths.data)}, but nobody listens on its socket`,
    {
      hint: pid ? `end it with: kill ${pid}` : 'end that engine',
    },
  )
}
