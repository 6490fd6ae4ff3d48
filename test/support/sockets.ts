import {once} from 'node:events'
import type {Socket} from 'node:net'

/** Resolves when every socket of a set that loses them as they close has closed. */
export async function allClosed(sockets: ReadonlySet<Socket>): Promise<void> {
  for (let [socket] = sockets; socket; [socket] = sockets) await once(socket, 'close')
}
