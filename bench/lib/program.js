import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync} from 'node:fs'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'

import {endWithUs} from './children.js'
import {within} from './wait.js'

const probe = new URL('../programs/probe.js', import.meta.url).href

/** One of the programs beside this folder. */
export function programPath(name) {
  return fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url))
}

/**
 * Starts a Node program to be measured. It says so on stderr, in a line of JSON, when it is ready.
 *
 * - `ready` resolves to that line, parsed.
 * - `failed` rejects when it ends without having been stopped.
 * - `usage()` resolves to `{cpuMs, rss, maxRss}` of the process so far, in ms and bytes.
 * - `stop()` sends SIGTERM and resolves when it has ended; throws unless it ended well.
 *
 * `cpuProf`: a directory for a CPU profile, written when it stops.
 */
export function startProgram(path, args = [], {cpuProf} = {}) {
  if (cpuProf) mkdirSync(cpuProf, {recursive: true})
  const flags = ['--import', probe, ...(cpuProf ? ['--cpu-prof', '--cpu-prof-dir', cpuProf] : [])]
  const child = spawn(process.execPath, [...flags, path, ...args], {stdio: ['ignore', 'ignore', 'pipe', 'pipe']})
  endWithUs(child)
  const log = new Log(child.stderr)
  const usages = createInterface({input: child.stdio[3]})
  const exited = once(child, 'exit')
  const failed = exited.then(([code, signal]) => {
    throw new Error(`${path} ended with ${code ?? signal}:\n${log.tail}`)
  })
  const ready = Promise.race([failed, within(60_000, log.ready, path)])
  // Whether anybody waits for them is theirs to know.
  for (const promise of [failed, ready]) promise.catch(() => {})
  return {
    ready,
    failed,
    async usage() {
      const line = once(usages, 'line')
      child.kill('SIGUSR2')
      return JSON.parse(await within(10_000, line, 'the usage of a process'))
    },
    async stop() {
      child.kill()
      const [code] = await within(60_000, exited, `the end of ${path}`)
      if (code !== 0) await failed
    },
  }
}

/** What a program says on stderr. It is read to its end, so that the program never waits for that. */
class Log {
  /** Resolves to the line that says that it is ready. */
  ready
  #lines = []

  constructor(stream) {
    const lines = createInterface({input: stream})
    this.ready = new Promise((resolve) => {
      lines.on('line', (line) => {
        if (this.#lines.push(line) > 20) this.#lines.shift()
        if (/"msg":"[^"]*ready"/.test(line)) resolve(JSON.parse(line))
      })
    })
  }

  get tail() {
    return this.#lines.join('\n')
  }
}
