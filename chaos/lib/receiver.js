import {once} from 'node:events'
import {createServer} from 'node:http'

import {pause} from './wait.js'

/**
 * Takes the calls and writes down each. A task's path says how it is to be answered: `/<name>/<ms>` after so long with 200,
 * `/<name>/<ms>/<n>` so after n answers of 500.
 */
export class Receiver {
  /** `{name, id, attempt, at, endedAt, status}`: status is null where the caller went away before its answer. */
  calls = []
  #servers = []
  #refused = new Map()

  async start(count) {
    for (let at = 0; at < count; at++) {
      const server = createServer({keepAlive: true}, (request, response) => void this.#take(request, response))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      this.#servers.push(server)
    }
  }

  get isIdle() {
    return this.calls.every(({endedAt}) => endedAt !== null)
  }

  get origins() {
    return this.#servers.map((server) => `http://127.0.0.1:${server.address().port}`)
  }

  async stop() {
    for (const server of this.#servers) {
      server.close()
      server.closeAllConnections()
    }
  }

  async #take(request, response) {
    const [, name, delayMs, refusals = '0'] = request.url.split('/')
    const call = {
      name,
      id: request.headers['webhook-id'],
      attempt: Number(request.headers['torque-attempt']),
      at: Date.now(),
      endedAt: null,
      status: null,
    }
    this.calls.push(call)
    response.on('close', () => (call.endedAt ??= Date.now()))
    request.resume()
    await pause(Number(delayMs))
    if (response.destroyed) return
    call.status = this.#statusFor(name, Number(refusals))
    call.endedAt = Date.now()
    response.writeHead(call.status).end()
  }

  #statusFor(name, refusals) {
    const refused = this.#refused.get(name) ?? 0
    if (refused >= refusals) return 200
    this.#refused.set(name, refused + 1)
    return 500
  }
}
