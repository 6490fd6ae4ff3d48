import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {delimiter, dirname, join} from 'node:path'

import {cleanEnv, runProgram, type Run} from '../support/torque.js'
import {root} from './markdown.js'

/** What a page's commands may count on: a home of their own, free ports in place of the usual ones, this checkout's commands. */
export interface Surroundings {
  home: string
  enginePath: string
  /** Port as written → port as run. */
  ports: ReadonlyMap<string, number>
}

/** Languages whose blocks are run, and the program that reads them from its standard input. */
const interpreters: Record<string, string[]> = {
  sh: ['sh', '-e'],
  js: [process.execPath, '--input-type=module'],
  python: ['python3'],
}

export const isRun = (language: string) => Object.hasOwn(interpreters, language)

/** Installing, and running all tests, from within the tests would never end. */
export const isLeftOut = (command: string) => command.startsWith('npm ')

const isServer = (command: string) => /(?:run-taskqueue|torque (?:serve|listen))\b/.test(command)

/** The commands of an `sh` block; a backslash at a line's end joins it with the next. */
export function commandsOf(text: string): string[] {
  return text.trim().split(/(?<!\\)\n/)
}

/** The programs that a block needs and a machine may lack. */
export function missingFor(language: string, text: string): string[] {
  const needed = ['curl', 'python3'].filter((name) => (language === 'python' ? name === 'python3' : text.startsWith(`${name} `)))
  const dirs = (process.env['PATH'] ?? '').split(delimiter)
  return needed.filter((name) => !dirs.some((dir) => existsSync(join(dir, name))))
}

/** Runs a page's blocks in order, as a reader with three terminals would: a server stays until the next of its kind. */
export class ReadmeRunner {
  readonly #around: Surroundings
  readonly #servers = new Map<'serve' | 'listen', Server>()

  constructor(around: Surroundings) {
    this.#around = around
  }

  /** What `torque listen` has printed: a line per call that arrived. */
  get arrived(): string[] {
    return (this.#servers.get('listen')?.stdout ?? '').split('\n')
  }

  /** Resolves when a line like each of these has arrived. */
  async untilArrived(expected: readonly string[]): Promise<void> {
    const listen = this.#servers.get('listen')!
    while (!expected.every((end) => this.arrived.some((line) => line.endsWith(end)))) await once(listen.child.stdout!, 'data')
  }

  /** Runs a block but for what is left out. A server is started, and is ready when this resolves. */
  async run(language: string, text: string): Promise<Run> {
    if (language !== 'sh') return this.#interpret(language, text)
    const commands = commandsOf(text).filter((command) => !isLeftOut(command))
    const [only = '', ...more] = commands
    if (!isServer(only)) return this.#interpret('sh', commands.join('\n'))
    if (more.length > 0) throw new Error(`a server has a block of its own: ${text}`)
    return this.#serve(only)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()))
  }

  #interpret(language: string, text: string): Promise<Run> {
    const [program = '', ...args] = interpreters[language] ?? []
    return runProgram(program, args, {stdin: this.#withPorts(text), env: this.#env(), cwd: root})
  }

  /** One of a kind at a time, as with the default ports and the one home of a reader. */
  async #serve(command: string): Promise<Run> {
    const kind = command.includes('listen') ? 'listen' : 'serve'
    const code = (await this.#servers.get(kind)?.stop()) ?? 0
    const usual = this.#around.ports.get(kind === 'listen' ? '8091' : '8090')
    const port = command.includes(' -p ') ? '' : ` -p ${usual}`
    // `exec`, so that a signal reaches the command itself; `env`, because variables may stand before it.
    const child = spawn('sh', ['-c', `exec env ${this.#withPorts(command)}${port}`], {cwd: root, env: cleanEnv(this.#env())})
    const server = new Server(child)
    this.#servers.set(kind, server)
    await server.ready()
    return {code, stdout: '', stderr: server.stderr}
  }

  #withPorts(text: string): string {
    return text.replace(/\b80\d\d\b/g, (port) => String(this.#around.ports.get(port) ?? fail(`port ${port} is not known here`)))
  }

  #env(): Record<string, string> {
    const {home, enginePath, ports} = this.#around
    const PATH = [join(root, 'bin'), dirname(enginePath), process.env['PATH']].join(delimiter)
    return {PATH, HOME: home, TORQUE_HOME: join(home, 'torque'), TORQUE_URL: `http://localhost:${ports.get('8090')}`}
  }
}

/** A `serve` or `listen` that runs beside the other commands. */
class Server {
  stdout = ''
  stderr = ''
  readonly child: ChildProcess

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
  }

  async ready(): Promise<void> {
    const ended = once(this.child, 'close').then(() => fail(`it ended: ${this.stderr}`))
    ended.catch(() => {})
    while (!/torque is ready|Receiving on/.test(this.stderr)) await Promise.race([once(this.child.stderr!, 'data'), ended])
  }

  /** Ends it as a supervisor would; resolves to its exit code. */
  async stop(): Promise<number> {
    const closed = once(this.child, 'close') as Promise<[number | null]>
    this.child.kill('SIGTERM')
    return (await closed)[0] ?? -1
  }
}

/** As many ports that were free a moment ago, no two alike. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({length: count}, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => (server.close(), once(server, 'close'))))
  return ports
}

function fail(message: string): never {
  throw new Error(message)
}
