import cluster from 'node:cluster'
import {once} from 'node:events'

import {TorqueError} from '../errors.js'
import {createLogger} from '../log.js'
import {Serve} from './serve.js'
import type {FromWorker, ToWorker, WorkerSettings} from './worker-messages.js'

/** One of the processes of `serve --workers`: what its supervisor tells it to be, until it is told to stop. */
export async function runWorker(): Promise<void> {
  const told = untilTold()
  try {
    const settings = await Promise.race([askForSettings(), told])
    if (settings) await serveUntil(told, settings)
  } finally {
    cluster.worker?.disconnect()
  }
}

async function serveUntil(told: Promise<void>, {serve: options, drain, log: logOptions}: WorkerSettings): Promise<void> {
  const log = await createLogger({...logOptions, pid: process.pid})
  const serve = new Serve({...options, log})
  void told.then(() => serve.stop())
  process.on('message', (message: ToWorker) => {
    if (typeof message === 'object' && 'renewal' in message) serve.renew(message.renewal)
    if (message === 'give up') void serve.giveUp()
  })
  try {
    tell(await serve.start())
    await Promise.race([told, ...(drain ? [serve.drained()] : [])])
  } catch (error) {
    // A bug is told on stderr, as in every other process.
    if (!(error instanceof TorqueError)) throw error
    tell(error.toJSON())
    process.exitCode = error.exitCode
  }
  if (!process.connected) log.warn({}, 'the supervisor is gone: this worker stops')
  await serve.stop()
}

async function askForSettings(): Promise<WorkerSettings> {
  const answered = once(process, 'message') as Promise<[WorkerSettings]>
  tell('hello')
  const [settings] = await answered
  return settings
}

/**
 * Resolves when it is time to stop, which a signal means too. A second one changes nothing: Ctrl-C, and some process managers,
 * signal a supervisor and its workers alike, and what ends a worker at once is its supervisor.
 */
function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message: ToWorker) => void ((message === 'stop' || message === 'give up') && resolve()))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
    // It may reach the whole group, and is for the supervisor: whatever is read again is told.
    process.on('SIGHUP', () => {})
    cluster.worker?.once('disconnect', () => {
      // Else node would end this process on the spot, in the middle of its calls. The port is free for a new supervisor.
      cluster.worker?.disconnect()
      resolve()
    })
  })
}

/** A supervisor that is gone needs not be told. */
function tell(message: FromWorker): void {
  if (process.connected) process.send!(message, undefined, undefined, () => {})
}
