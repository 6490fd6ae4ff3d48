import type {Server, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'

/** The answer that a connection waits for; null while it rests. Node keeps it on the socket, and its types do not know of it. */
export function dueResponse(socket: Socket): ServerResponse | null {
  return (socket as Socket & {_httpMessage?: ServerResponse | null})._httpMessage ?? null
}

/** The open connections of an endpoint, for the day it stops. */
export class Connections {
  readonly #servers = new Set<Server>()
  readonly #sockets = new Set<Socket>()

  watch(server: Server): void {
    this.#servers.add(server)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /**
   * Takes no more, closes those that rest, and resolves when the others have had their answer, or are cut off after `withinMs`.
   * Node by itself would wait for one that never asked, or is in the middle of its first line.
   */
  async close(withinMs: number): Promise<void> {
    const closed = [...this.#servers].map(closeServer)
    for (const socket of this.#sockets) if (!dueResponse(socket)) socket.destroy()
    const timer = setTimeout(() => this.#cut(), withinMs)
    await Promise.all(closed)
    clearTimeout(timer)
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

function closeServer(server: Server): Promise<void> {
  // The error says that it was not listening, which is what is wanted.
  return new Promise((resolve) => server.close(() => resolve()))
}
