import {setTimeout as delay} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import {Control} from './control.js'
import type {Fsync} from './engine-arguments.js'
import type {HomePaths} from './home.js'
import {listens} from './listens.js'
import {ownerClientName} from './owner.js'
import type {RunningEngine} from './running-engine.js'

/** An engine whose `serve` was killed has been told to end, and looks at its signals ten times a second: wait that out, in ms. */
const lastBreathMs = 250

/** Takes over a live engine whose `serve` is gone. The caller holds the lock of `serve`. `null` when none is up. */
export async function adoptEngine(paths: HomePaths, fsync: Fsync): Promise<RunningEngine | null> {
  const control = await Control.open(paths.socket, ownerClientName())
  if (!control) return null
  try {
    await delay(lastBreathMs)
    await control.loaded()
    await control.setConfig('appendfsync', fsync)
    const pid = Number((await control.info('server')).get('process_id'))
    control.hold()
    return {pid, adopted: true, control, ...untilGone(control, paths.socket)}
  } catch (cause) {
    control.disconnect()
    if (!(await listens(paths.socket))) return null
    throw new TorqueError('redis_unavailable', `the engine at ${JSON.stringify(paths.socket)} does not answer`, {cause})
  }
}

/** It is no child of ours: its end is a cut connection and a socket that nobody listens on. */
function untilGone(control: Control, socket: string): Pick<RunningEngine, 'ended' | 'kill'> {
  let kill = () => {}
  const ended = new Promise<string>((resolve) => {
    kill = () => resolve('left running')
    control.onClose(() => {
      listens(socket).then(
        (alive) => {
          if (!alive) resolve('connection closed')
        },
        (error: Error) => resolve(error.message),
      )
    })
  })
  return {ended, kill: () => kill()}
}
