import {type ChildProcess, spawn} from 'node:child_process'
import {setTimeout as delay} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import type {EngineBinary} from './binary.js'
import {Control} from './control.js'
import {engineArguments, type Fsync} from './engine-arguments.js'
import {EngineLog} from './engine-log.js'
import {findProgram} from './find-program.js'
import type {Environment, HomePaths} from './home.js'
import type {Lock} from './lock.js'
import {ownerClientName} from './owner.js'
import type {RunningEngine} from './running-engine.js'
import {runProgram} from './run-program.js'

/** An engine is up within about 15 ms: look this often, in ms. */
const pollMs = 5

export interface StartOptions {
  paths: HomePaths
  binary: EngineBinary
  fsync: Fsync
  env: Environment
  /** Passed on to the engine. */
  lock: Lock
  signal: AbortSignal
}

/** Starts an engine and resolves once it takes commands. Throws with its last words when it ends instead. */
export async function startEngine(options: StartOptions): Promise<RunningEngine> {
  const {paths, signal} = options
  const log = await EngineLog.open(paths)
  try {
    const child = await spawnEngine(options, log)
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, name) => resolve(name ?? `exit ${code}`))
    })
    const control = await connectedTo(paths.socket, ended, signal)
    if (control) return {pid: child.pid!, adopted: false, control, ended, kill: () => child.kill('SIGKILL')}
    // Not up yet, so it has nothing to write out and ends at once.
    child.kill()
    throw await didNotStart(paths, await ended, log)
  } finally {
    log.close()
  }
}

/**
 * The engine leads a process group of its own, so that a Ctrl-C meant for `serve` does not end it under running tasks, and
 * where `setpriv` can do that, the kernel ends it (cleanly) when `serve` dies without having done so.
 */
async function spawnEngine({paths, binary, fsync, env, lock}: StartOptions, log: EngineLog): Promise<ChildProcess> {
  const command = [...(await diesWithParent(env)), binary.path, ...engineArguments(paths, fsync)]
  const stdio = ['ignore' as const, log.fd, log.fd, ...(lock.fd === undefined ? [] : [lock.fd])]
  const child = spawn(command[0]!, command.slice(1), {cwd: paths.data, env: {...env}, detached: true, stdio})
  child.unref()
  return child
}

async function diesWithParent(env: Environment): Promise<string[]> {
  const setpriv = await findProgram('setpriv', env)
  const prefix = setpriv ? [setpriv, '--pdeathsig', 'TERM', '--'] : []
  // Some systems have a smaller setpriv, without the option.
  const works = setpriv && (await runProgram(setpriv, [...prefix.slice(1), 'true'], {env})).code === 0
  return works ? prefix : []
}

/** Resolves to `null` when the engine ends, or is no longer wanted, before it takes commands. */
async function connectedTo(socket: string, ended: Promise<unknown>, signal: AbortSignal): Promise<Control | null> {
  const over = new AbortController()
  void ended.then(() => over.abort())
  const given = AbortSignal.any([over.signal, signal])
  while (!given.aborted) {
    const control = await Control.open(socket, ownerClientName())
    if (control && (await takesCommands(control, given))) return control
    await delay(pollMs)
  }
  return null
}

async function takesCommands(control: Control, signal: AbortSignal): Promise<boolean> {
  try {
    await control.loaded(signal)
    control.hold()
    return true
  } catch {
    control.disconnect()
    return false
  }
}

async function didNotStart({log: path}: HomePaths, how: string, log: EngineLog): Promise<TorqueError> {
  const lastWords = (await log.tail()).map((line) => `\n  ${line}`).join('')
  return new TorqueError('redis_unavailable', `the private Redis did not start (${how}):${lastWords}`, {
    hint: `its log is ${JSON.stringify(path)}`,
  })
}
