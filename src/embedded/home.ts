import {constants} from 'node:fs'
import {access, chmod} from 'node:fs/promises'
import {isAbsolute, join, resolve} from 'node:path'
import {pathToFileURL} from 'node:url'

import {TorqueError} from '../errors.js'
import {makeDirectory} from './make-directory.js'

/** The variables that matter here: `TORQUE_HOME`, `XDG_STATE_HOME`, `HOME` and `PATH`. Passed in, never read from the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where the private Redis of one home keeps its things. */
export interface HomePaths {
  home: string
  /** What the engine writes: its append-only file. */
  data: string
  socket: string
  /** The newest output of the engine; the one before it is `redis.log.1`. */
  log: string
  pidFile: string
  /** Held by the engine process. */
  engineLock: string
  /** Held by the `serve` that owns the home. */
  serveLock: string
  /** Names the `serve` that owns the home, for messages. */
  ownerFile: string
  /** What `torque redis install` puts in place. */
  engine: string
}

/** The longest socket path the kernel takes, in bytes: `sun_path` is 108 on Linux and 104 elsewhere, and ends with a zero. */
const longestSocketPath = process.platform === 'linux' ? 107 : 103

/** The directory of the private Redis: `TORQUE_HOME`, or `torque` in the state directory of the user. */
export function resolveHome(env: Environment): string {
  if (env['TORQUE_HOME']) return resolve(env['TORQUE_HOME'])
  const state = env['XDG_STATE_HOME']
  // The XDG specification: a relative path is to be ignored.
  if (state && isAbsolute(state)) return join(state, 'torque')
  if (env['HOME'] && isAbsolute(env['HOME'])) return join(env['HOME'], '.local', 'state', 'torque')
  throw new TorqueError('invalid_option', 'no directory for the private Redis: HOME is not set', {
    hint: 'set TORQUE_HOME to a directory, or name a Redis with --redis',
  })
}

export function homePaths(home: string): HomePaths {
  const at = (name: string) => join(home, name)
  return {
    home,
    data: at('data'),
    socket: at('redis.sock'),
    log: at('redis.log'),
    pidFile: at('redis.pid'),
    engineLock: at('lock'),
    serveLock: at('serve.lock'),
    ownerFile: at('serve.json'),
    engine: at('engine'),
  }
}

/** `unix://` and the path, with what a URL cannot hold percent-encoded. */
export function socketUrl(socket: string): string {
  return pathToFileURL(socket).href.replace('file:', 'unix:')
}

/** Refuses a home whose socket no kernel call could name. */
export function checkSocketPath({home, socket}: HomePaths): void {
  const length = Buffer.byteLength(socket)
  if (length <= longestSocketPath) return
  throw new TorqueError('invalid_option', `the path of the home is too long for a socket: ${JSON.stringify(home)}`, {
    hint: `set TORQUE_HOME to a shorter path (the socket's has ${length} bytes, at most ${longestSocketPath} are possible)`,
  })
}

/** Makes the home, for its owner only. */
export async function createHome({home, data}: HomePaths): Promise<void> {
  try {
    await makeDirectory(data, 0o700)
    await chmod(data, 0o700)
    for (const dir of [home, data]) await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    await chmod(home, 0o700).catch(tolerateForeign)
  } catch (cause) {
    throw unusable(home, cause)
  }
}

/** Makes the home as such, with nothing in it. */
export async function makeHome(home: string): Promise<void> {
  await makeDirectory(home, 0o700).catch((cause: unknown) => {
    throw unusable(home, cause)
  })
}

function unusable(home: string, cause: unknown): TorqueError {
  return new TorqueError('refused', `cannot use ${JSON.stringify(home)} for the private Redis: ${(cause as Error).message}`, {
    hint: 'set TORQUE_HOME to a directory that belongs to this user',
    cause,
  })
}

/** A mounted volume may belong to root and still be ours to write in; what is in it is for the owner only all the same. */
function tolerateForeign(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPERM') throw error
}
