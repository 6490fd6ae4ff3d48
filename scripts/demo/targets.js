// Where the demo's hooks go: one receiver per target, each on a port of its own, as `torque listen` would be.
import {EventEmitter, once} from 'node:events'

/** Starts receivers that answer as told and keeps every call they get, in order. */
export class Targets {
  calls = []
  #news = new EventEmitter()
  #receivers = new Map()

  /** A target of this name; given a URL, in its place. Resolves to its URL. */
  async open(name, answers, url) {
    const {Receiver} = await import('../../dist/cli/listen/receiver.js')
    const port = url ? Number(new URL(url).port) : 0
    const onCall = (call) => this.#note(name, call)
    const receiver = new Receiver({host: '127.0.0.1', port, status: 200, fail: 0, delayMs: 0, ...answers, onCall})
    this.#receivers.set(name, receiver)
    return receiver.start()
  }

  /** The same URL, and from now on other answers: someone has repaired it. */
  async mend(name, url) {
    await this.#receivers.get(name).stop()
    await this.open(name, {status: 200}, url)
  }

  /** Resolves when the calls so far satisfy it. */
  async until(satisfied, {signal}) {
    while (!satisfied(this.calls)) await once(this.#news, 'call', {signal})
  }

  on(listener) {
    this.#news.on('call', listener)
  }

  async close() {
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.stop()))
  }

  #note(name, {receivedAt, status, headers, body}) {
    const call = {
      name,
      receivedAt,
      status,
      attempt: Number(headers['torque-attempt']),
      form: new URLSearchParams(body.toString()),
    }
    this.calls.push(call)
    this.#news.emit('call', call)
  }
}
