import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {onTestFinished} from 'vitest'

import {cleanEnv, runJs} from './torque.js'

/** One line of the log of a `serve`. */
export interface LogLine {
  msg: string
  [key: string]: unknown
}

/** A `torque serve` in a process of its own, as users run it. */
export class ServeProcess {
  readonly child: ChildProcess
  /** What it has logged so far. */
  readonly log: LogLine[] = []
  readonly #waiting = new Set<() => void>()
  #exit: Promise<number>

  constructor(
    args: readonly string[],
    env: Record<string, string | undefined>,
    program: readonly string[] = [process.execPath, runJs, 'serve'],
  ) {
    const [command = '', ...first] = program
    this.child = spawn(command, [...first, ...args, '--log-format', 'json'], {
      env: cleanEnv(env),
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    createInterface({input: this.child.stderr!}).on('line', (line) => this.#read(line))
    this.#exit = once(this.child, 'close').then(([code, signal]) => (code as number | null) ?? (signal === 'SIGKILL' ? 137 : 143))
    void this.#exit.then(() => this.#tell())
  }

  /** The address of its endpoint, once it is ready. */
  get url(): string {
    return this.logged('torque is ready')?.['url'] as string
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  logged(message: string): LogLine | undefined {
    return this.log.find(({msg}) => msg.startsWith(message))
  }

  /** Resolves with the line that begins so, at once if it was logged before. Rejects when the process ends without it. */
  async untilLogged(message: string): Promise<LogLine> {
    for (;;) {
      const line = this.logged(message)
      if (line) return line
      if (this.hasEnded) throw new Error(`serve ended without saying ${JSON.stringify(message)}: ${JSON.stringify(this.log)}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** Sends a signal; resolves to the exit code. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.child.kill(signal)
    return this.#exit
  }

  exited(): Promise<number> {
    return this.#exit
  }

  #read(line: string): void {
    this.log.push(line.startsWith('{') ? (JSON.parse(line) as LogLine) : {msg: line})
    this.#tell()
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** A `serve` that is ready, on a free port, ended when the test ends. */
export async function startServe(
  env: Record<string, string | undefined>,
  args: readonly string[] = [],
  program?: readonly string[],
): Promise<ServeProcess> {
  const serve = new ServeProcess(args.includes('-p') || args.includes('--listen') ? args : ['-p', '0', ...args], env, program)
  onTestFinished(async () => {
    await serve.end('SIGKILL')
  })
  await serve.untilLogged('torque is ready')
  return serve
}
