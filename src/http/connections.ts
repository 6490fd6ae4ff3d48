import type {Server, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'

/** So old, in ms, must one be that has not asked yet, before it gives way: in a storm each would push out the one before it. */
const graceMs = 1_000

/** So many are looked at to find one that may go. */
const mostLookedAt = 200

/** The answer that a connection waits for; null while it rests. Node keeps it on the socket, and its types do not know of it. */
export function dueResponse(socket: Socket): ServerResponse | null {
  return (socket as Socket & {_httpMessage?: ServerResponse | null})._httpMessage ?? null
}

/**
 * The open connections of an endpoint: no more than there is room for, and all of them known for the day it stops. Where there is
 * no room, one that holds its place for nothing makes way for one that may have something to say; so thousands that are slow or
 * silent keep nobody out.
 */
export class Connections {
  readonly #most: number
  readonly #servers = new Set<Server>()
  /** Those that have not sent the head of a request yet, in the order in which they came, and when, on the monotonic clock. */
  readonly #fresh = new Map<Socket, number>()
  readonly #known = new Set<Socket>()

  constructor(most: number) {
    this.#most = most
  }

  watch(server: Server): void {
    this.#servers.add(server)
    server.on('connection', (socket: Socket) => this.#add(socket))
    // From here on node speaks of it, and not of the one that carries it.
    server.on('secureConnection', (socket: TLSSocket) => this.#secured(socket))
  }

  /** A connection that has sent the head of a request. */
  asked(socket: Socket): void {
    if (this.#fresh.delete(socket)) this.#known.add(socket)
  }

  /**
   * Takes no more, closes those that rest, and resolves when the others have had their answer, or are cut off after `withinMs`.
   * Node by itself would wait for one that never asked, or is in the middle of its first line.
   */
  async close(withinMs: number): Promise<void> {
    const closed = [...this.#servers].map(closeServer)
    for (const socket of this.#all()) if (!dueResponse(socket)) socket.destroy()
    const timer = setTimeout(() => this.#cut(), withinMs)
    await Promise.all(closed)
    clearTimeout(timer)
  }

  #add(socket: Socket): void {
    this.#fresh.set(socket, performance.now())
    socket.once('close', () => {
      this.#fresh.delete(socket)
      this.#known.delete(socket)
    })
    if (this.#fresh.size + this.#known.size > this.#most) (this.#idle() ?? socket).destroy()
  }

  #secured(socket: TLSSocket): void {
    const {_parent: carrier} = socket as TLSSocket & {_parent?: Socket}
    if (carrier) this.#fresh.delete(carrier)
    this.#add(socket)
  }

  /** One that holds its place for nothing: it never asked, rests between two requests, or is slow with the body of one. */
  #idle(): Socket | undefined {
    const [oldest] = this.#fresh
    if (oldest && performance.now() - oldest[1] > graceMs) return oldest[0]
    let slow: Socket | undefined
    let looked = 0
    for (const socket of this.#known) {
      const due = dueResponse(socket)
      if (!due) return socket
      if (!due.req.complete) slow ??= socket
      if (++looked === mostLookedAt) break
    }
    return slow
  }

  #all(): Socket[] {
    return [...this.#fresh.keys(), ...this.#known]
  }

  #cut(): void {
    for (const socket of this.#all()) socket.destroy()
  }
}

function closeServer(server: Server): Promise<void> {
  // The error says that it was not listening, which is what is wanted.
  return new Promise((resolve) => server.close(() => resolve()))
}
