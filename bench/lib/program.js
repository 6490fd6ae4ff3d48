import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync} from 'node:fs'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'

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
 * - `usage()` resolves to `{cpuMs, rss, maxRss}` of the process so far, in ms and bytes.
 * - `stop()` sends SIGTERM and resolves when it has ended; throws unless it ended well.
 *
 * `cpuProf`: a directory for a CPU profile, written when it stops.
 */
export function startProgram(path, args = [], {cpuProf, env = {}} = {}) {
  if (cpuProf) mkdirSync(cpuProf, {recursive: true})
  const flags = ['--import', probe, ...(cpuProf ? ['--cpu-prof', '--cpu-prof-dir', cpuProf] : [])]
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe']
  const child = spawn(process.execPath, [...flags, path, ...args], {stdio, env: {...process.env, ...env}})
  const exited = once(child, 'exit')
  const said = []
  const usages = createInterface({input: child.stdio[3]})
  const ready = within(60_000, readyLine(child, said), path)
  ready.catch(() => {})
  return {
    pid: child.pid,
    ready,
    async usage() {
      const line = once(usages, 'line')
      child.kill('SIGUSR2')
      return JSON.parse(await within(10_000, line, 'the usage of a process'))
    },
    async stop() {
      child.kill()
      const [code, signal] = await within(60_000, exited, `the end of ${path}`)
      if (code !== 0) throw new Error(`${path} ended with ${code ?? signal}:\n${said.join('\n')}`)
    },
  }
}

/** Goes on reading to the end, so that the program never waits for its log to be taken. */
function readyLine(child, said) {
  return new Promise((resolve, reject) => {
    createInterface({input: child.stderr}).on('line', (line) => {
      if (said.push(line) > 20) said.shift()
      if (/"msg":"[^"]*ready"/.test(line)) resolve(JSON.parse(line))
    })
    child.on('exit', () => reject(new Error(`the program ended before it was ready:\n${said.join('\n')}`)))
  })
}
