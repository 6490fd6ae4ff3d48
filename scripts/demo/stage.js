// The machinery of the demo: a directory that goes away, a `torque serve`, and the `torque` command.
import {execFile, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
/** Longer than `serve` needs to finish what runs; then it is ended. */
const stopMs = 10_000

export class Stage {
  dir = mkdtempSync(join(tmpdir(), 'torque-demo-'))
  url = ''
  #signal
  #env = {}
  #serve
  #log = ''

  /** `signal`: ends every wait and every command under way. */
  constructor({signal}) {
    this.#signal = signal
  }

  /** Starts `serve` with a directory of its own and resolves when it is ready. */
  async start(env, flags) {
    this.#env = withoutSettings(env, this.dir)
    const port = await freePort()
    this.url = `http://127.0.0.1:${port}`
    const child = spawn(process.execPath, [bin, 'serve', '-p', String(port), ...flags], {
      cwd: this.dir,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a process group of its own: Ctrl-C reaches it through us, once.
      detached: true,
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (this.#log = (this.#log + text).slice(-4000)))
    this.#serve = child
    // Should the demo itself crash.
    process.once('exit', this.#end)
    await this.#ready(child)
  }

  /** Runs `torque` for all to see. */
  async show(...args) {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: this.dir,
      env: this.#env,
      signal: this.#signal,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`torque ${args[0]} ended with exit code ${code}`)
  }

  /** Runs `torque` and resolves to what it printed. */
  async torque(...args) {
    const options = {cwd: this.dir, env: this.#env, signal: this.#signal, encoding: 'utf8'}
    try {
      const {stdout} = await promisify(execFile)(process.execPath, [bin, ...args], options)
      return stdout
    } catch (error) {
      throw new Error(`torque ${args[0]} failed: ${error.stderr || error.message}`, {cause: error})
    }
  }

  /** Leaves nothing behind: no process, no file. */
  async stop() {
    const child = this.#serve
    if (child && isRunning(child)) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await Promise.race([ended, sleep(stopMs, undefined, {ref: false})])
    }
    this.#end()
    process.off('exit', this.#end)
    rmSync(this.dir, {recursive: true, force: true, maxRetries: 5})
  }

  /** The last thing `serve` said, for when something went wrong. */
  get log() {
    return this.#log
  }

  /** Ends whatever is still there of the group of `serve`; mostly nobody is. */
  #end = () => {
    try {
      if (this.#serve) process.kill(-this.#serve.pid, 'SIGKILL')
    } catch {
      // They are gone, as they should be.
    }
  }

  async #ready(child) {
    while (isRunning(child)) {
      const answer = await fetch(`${this.url}/readyz`, {signal: this.#signal}).catch(() => null)
      if (answer?.ok) return
      await sleep(30, undefined, {signal: this.#signal})
    }
    throw new Error('torque serve ended before it was ready')
  }
}

const isRunning = (child) => child.pid !== undefined && child.exitCode === null && child.signalCode === null

/** The environment without what would lead `torque` elsewhere: a named Redis, tokens, config files. */
function withoutSettings(env, dir) {
  const kept = Object.entries(env).filter(([name]) => !/^(TORQUE_|REDIS_URL$|MAX_TASK_ERRORS$|FORCE_COLOR$)/.test(name))
  return {...Object.fromEntries(kept), TORQUE_HOME: join(dir, 'home'), XDG_CONFIG_HOME: join(dir, 'config')}
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address()
  server.close()
  await once(server, 'close')
  return port
}
