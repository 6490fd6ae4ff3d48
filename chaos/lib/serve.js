import {createWriteStream} from 'node:fs'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'

import {end, isRunning, start} from './children.js'
import {until} from './wait.js'

/** The command as a checkout has it. */
export const command = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** A `torque serve` that is started again and again, each time as a process of its own. */
export class Serve {
  name
  url
  /** What its processes had to say that no run should hear: bugs, and the ends that nobody caused. */
  complaints = []
  #args
  #env
  #log
  #child

  constructor({name, args, env, log}) {
    this.name = name
    this.#args = args
    this.#env = env
    this.#log = createWriteStream(log, {flags: 'a'})
  }

  /** Resolves when it is ready. One that finds no Redis ends, and is started again. */
  async start() {
    await until(() => this.#tryStart(), {withinMs: 60_000, what: `${this.name} ready`, everyMs: 300})
  }

  async #tryStart() {
    this.url = undefined
    const args = [command, 'serve', '-p', '0', '--log-format', 'json', ...this.#args]
    const child = start(process.execPath, args, {env: this.#env, stdio: ['ignore', 'inherit', 'pipe']})
    this.#child = child
    createInterface({input: child.stderr}).on('line', (line) => this.#read(line))
    await until(() => this.url !== undefined || !isRunning(child), {withinMs: 60_000, what: `${this.name} ready`, everyMs: 20})
    return this.url !== undefined
  }

  /** False: it has ended by itself. */
  get isRunning() {
    return this.#child !== undefined && isRunning(this.#child)
  }

  signal(signal) {
    this.#child.kill(signal)
  }

  /** Resolves to its exit code, or to the signal that ended it. */
  async end(signal) {
    this.url = undefined
    return end(this.#child, signal)
  }

  async stop() {
    if (this.#child) await end(this.#child, 'SIGKILL')
    this.#log.end()
  }

  #read(text) {
    this.#log.write(`${text}\n`)
    const line = parse(text)
    if (line.msg === 'torque is ready') this.url = line.url
    // 500s, and data that torque cannot work with.
    if (line.level >= 50) this.complaints.push(text)
  }
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    // Not of the log: a crash.
    return {level: 60, msg: text}
  }
}
