import {type ChildProcess, spawn} from 'node:child_process'
import {setTimeout as delay} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import type {EngineBinary} from './binary.js'
import {Control} from './control.js'
import {diesWithParent} from './dies-with-parent.js'
import {engineArguments, type Fsync} from './engine-arguments.js'
import {EngineLog} from './engine-log.js'
import type {Environment, HomePaths} from './home.js'
import type {Lock} from './lock.js'
import {ownerClientName} from './owner.js'
import type {RunningEngine} from './running-engine.js'

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
    const exited = exitOf(child)
    const control = await connectedTo(paths.socket, exited, signal)
    const ended = exited.then((how) => withLastWords(how, log))
    if (control) return {pid: child.pid!, adopted: false, control, ended, kill: () => child.kill('SIGKILL')}
    // Not up yet, so it has nothing to write out and ends at once.
    child.kill()
    throw await didNotStart(paths, await exited, log)
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

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`))
  })
}

/** An engine that gives up says why: a full disk, for example. */
async function withLastWords(how: string, log: EngineLog): Promise<string> {
  return how.startsWith('exit') ? `${how}: ${(await log.tail(2)).join(' ')}` : how
}

async function didNotStart({log: path}: HomePaths, how: string, log: EngineLog): Promise<TorqueError> {
  const lastWords = (await log.tail()).map((line) => `\n  ${line}`).join('')
  return new TorqueError('redis_unavailable', `the private Redis did not start (${how}):${lastWords}`, {
    hint: `its log is ${JSON.stringify(path)}`,
  })
}
