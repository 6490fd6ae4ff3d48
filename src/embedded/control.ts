import {setTimeout as delay} from 'node:timers/promises'

import {Redis} from 'ioredis'

import {listens} from './listens.js'

/** An engine that says nothing for so long is stuck, in ms. */
const commandTimeoutMs = 5000
/** How often an engine that is reading its data is asked whether it is done, in ms. */
const loadingPollMs = 25
/** ioredis sets this timer also on a connection that is closed already; its 2 s would hold up the end of the process. */
const partingMs = 50
/** A connection cut by hand comes back after this many ms. */
const reconnectMs = 100

/** A connection to an engine for its upkeep: no task goes over it. */
export class Control {
  readonly #redis: Redis
  #keep = false

  private constructor(socket: string, name: string) {
    this.#redis = new Redis({
      path: socket,
      connectionName: name,
      lazyConnect: true,
      enableReadyCheck: false,
      commandTimeout: commandTimeoutMs,
      disconnectTimeout: partingMs,
      retryStrategy: () => (this.#keep ? reconnectMs : null),
    })
    // Whoever waits for an answer hears of it; without a listener ioredis prints it.
    this.#redis.on('error', () => {})
  }

  /**
   * Resolves to `null` when nobody listens on the socket, or no longer does. `name` shows in the engine's list of clients.
   * One cut of the connection is its end, until hold().
   */
  static async open(socket: string, name: string): Promise<Control | null> {
    if (!(await listens(socket))) return null
    const control = new Control(socket, name)
    try {
      await control.#redis.connect()
      return control
    } catch (error) {
      if (await listens(socket)) throw error
      return null
    }
  }

  /** From now on a connection that is cut comes back, as long as the engine is there. */
  hold(): void {
    this.#keep = true
  }

  /** Resolves when the engine has read its data and takes commands. */
  async loaded(signal?: AbortSignal): Promise<void> {
    while ((await this.info('persistence')).get('loading') === '1') await delay(loadingPollMs, undefined, signal && {signal})
  }

  /** One section of INFO, by field. */
  async info(section: string): Promise<Map<string, string>> {
    const lines = (await this.#redis.info(section)).split('\r\n')
    return new Map(lines.filter((line) => line.includes(':')).map((line) => splitAt(line, ':')))
  }

  clientList(): Promise<string> {
    return this.#redis.client('LIST') as Promise<string>
  }

  async config(name: string): Promise<string | null> {
    const [, value] = await this.#redis.config('GET', name)
    return value ?? null
  }

  async setConfig(name: string, value: string): Promise<void> {
    await this.#redis.config('SET', name, value)
  }

  /** Resolves each time the connection is cut, whoever did it. */
  onClose(listener: () => void): void {
    this.#redis.on('close', listener)
  }

  /** Asks the engine to write out everything and end. Resolves to why it will not, or `null`. */
  async shutDown(): Promise<string | null> {
    this.#keep = false
    try {
      await this.#redis.shutdown()
      return null
    } catch (error) {
      // The usual answer is a closed connection; only an answer in words is a refusal.
      return (error as Error).name === 'ReplyError' ? (error as Error).message : null
    }
  }

  disconnect(): void {
    this.#keep = false
    this.#redis.disconnect()
  }
}

function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator)
  return [line.slice(0, at), line.slice(at + 1)]
}
