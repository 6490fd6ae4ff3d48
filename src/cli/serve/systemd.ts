import {execFile} from 'node:child_process'

import type {Logger} from '../../log.js'

export interface SystemdOptions {
  /** `NOTIFY_SOCKET`, and `WATCHDOG_USEC` and `WATCHDOG_PID` where the unit has `WatchdogSec`. */
  env: NodeJS.ProcessEnv
  pid: number
  /** What is asked before the watchdog is told that all is well. */
  isAlive: () => boolean
  log: Logger
}

/** A program that takes longer hangs. */
const patienceMs = 5_000

/**
 * Tells systemd how the service is: ready at once, then on its way out, and again and again that it is alive. Node has no datagram
 * sockets in the file system, so it goes through `systemd-notify`, which wants `NotifyAccess=all` in the unit.
 */
export class Systemd {
  readonly #options: SystemdOptions
  #timer: NodeJS.Timeout | undefined
  #isTold = false

  constructor(options: SystemdOptions) {
    this.#options = options
    this.#tell('READY=1')
    const everyMs = watchdogMs(options) / 2
    if (everyMs > 0) this.#timer = setInterval(() => this.#ping(), everyMs)
  }

  stopping(): void {
    this.#tell('STOPPING=1')
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** What does not get on must not look alive: then systemd starts it again. */
  #ping(): void {
    if (this.#options.isAlive()) this.#tell('WATCHDOG=1')
  }

  #tell(state: string): void {
    const {env, log} = this.#options
    execFile('systemd-notify', [state], {env, timeout: patienceMs}, (error) => {
      if (!error || this.#isTold) return
      this.#isTold = true
      log.warn({err: error}, 'systemd cannot be told how this service is: systemd-notify failed')
    }).unref()
  }
}

/** Undefined where it is not systemd that runs this. */
export function tellSystemd(options: SystemdOptions): Systemd | undefined {
  return options.env['NOTIFY_SOCKET'] ? new Systemd(options) : undefined
}

/** After so long without a word systemd takes the process for dead; 0: it does not watch, or another one. */
function watchdogMs({env, pid}: SystemdOptions): number {
  const {WATCHDOG_USEC: micros = '', WATCHDOG_PID: watched = String(pid)} = env
  return /^\d{4,15}$/.test(micros) && watched === String(pid) ? Number(micros) / 1000 : 0
}
