import {type Stats, chmodSync, lstatSync, unlinkSync} from 'node:fs'
import {type Server, connect} from 'node:net'
import {once} from 'node:events'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'

/** A socket in the file system to listen on. */
export interface SocketAddress {
  /** Absolute. */
  path: string
  /** Who may connect, as the permission bits of the file: 0o600. */
  mode: number
}

/** For nobody but this user, until the mode says otherwise. */
const ownerOnly = 0o177

/**
 * Takes away the socket of a serve that was killed, so that its path can be used again. Only that: not a file that is no socket, not one
 * of another user, not one that somebody listens on. Throws `failed` where the path is taken by such.
 */
export async function clearSocketPath(path: string): Promise<void> {
  const found = statOf(path)
  if (!found) return
  if (!found.isSocket()) throw taken(path, 'it is there, and is no socket')
  if (found.uid !== process.geteuid?.()) throw taken(path, 'a socket of another user is there')
  if (await isAlive(path)) throw taken(path, 'something listens there')
  // Another serve may have found the same, and listens by now.
  const now = statOf(path)
  if (now?.ino === found.ino && now.ctimeMs === found.ctimeMs) unlinkSync(path)
}

/** Listens there. Between its making and its mode nobody else gets in. */
export async function listenOnSocket(server: Server, {path, mode}: SocketAddress): Promise<void> {
  const before = process.umask(ownerOnly)
  try {
    server.listen({path})
  } finally {
    process.umask(before)
  }
  await once(server, 'listening')
  chmodSync(path, mode)
}

/** Sockets that another process makes for this one, as a cluster's primary does, are for their owner until they are told otherwise, too. */
export function holdSockets(): void {
  process.umask(ownerOnly)
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, {throwIfNoEntry: false})
}

async function isAlive(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    // Full, say: what refuses nobody listens on.
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}

function taken(path: string, why: string): TorqueError {
  return new TorqueError('failed', `cannot listen on unix:${quote(path).slice(1, -1)}: ${why}`, {
    hint: 'choose another path with --listen',
  })
}
