import {once} from 'node:events'
import {connect} from 'node:net'

import {TorqueError} from '../errors.js'

/** A file that no process listens on any more, or none at all. */
const nobody = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR'])

/** Whether a process listens on a unix socket. The kernel answers, so a process that is busy or stopped counts. */
export async function listens(socket: string): Promise<boolean> {
  const connection = connect(socket)
  try {
    await once(connection, 'connect')
    return true
  } catch (cause) {
    const {code, message} = cause as NodeJS.ErrnoException
    if (code && nobody.has(code)) return false
    throw new TorqueError('redis_unavailable', `cannot reach the private Redis: ${message}`, {
      hint:
        code === 'EACCES' ? 'it belongs to another user; set TORQUE_HOME to a directory of your own' : 'see: torque redis status',
      cause,
    })
  } finally {
    connection.destroy()
  }
}
