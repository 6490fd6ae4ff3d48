import {TorqueError} from '../errors.js'
import {checkSocketPath, homePaths, socketUrl} from './home.js'
import {listens} from './listens.js'

/** The URL of the private Redis that a `serve` keeps running in this home; `engine_not_running` when there is none. */
export async function findEngine({home}: {home: string}): Promise<string> {
  const paths = homePaths(home)
  checkSocketPath(paths)
  if (await listens(paths.socket)) return socketUrl(paths.socket)
  throw notRunning(home)
}

export function notRunning(home: string): TorqueError {
  return new TorqueError('engine_not_running', `the private Redis in ${JSON.stringify(home)} is not running`, {
    hint: 'start it with: torque serve (or name a Redis: --redis URL)',
  })
}
