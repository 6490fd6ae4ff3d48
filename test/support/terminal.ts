import {spawn, spawnSync} from 'node:child_process'

import {cleanEnv, type RunOptions, runJs} from './torque.js'

/** `script` of util-linux lends a terminal; other systems' is another program. */
export const hasTerminal = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false

export interface TerminalRun {
  code: number
  /** All that the terminal got, stdout and stderr alike, with its line ends as `\n`. */
  screen: string
}

export interface TerminalOptions extends Pick<RunOptions, 'env'> {
  columns?: number
  /** What to type, or else to do, once a text has appeared. */
  answer?: {to: string; keys?: string; act?: () => void}
}

/** Runs `torque` at a terminal. */
export function runOnTerminal(args: readonly string[], {env, columns = 100, answer}: TerminalOptions = {}): Promise<TerminalRun> {
  const words = [process.execPath, runJs, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  const command = `stty cols ${columns} rows 30; ${words}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: cleanEnv({TERM: 'xterm', SHELL: '/bin/sh', ...env}),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let answered = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text.replaceAll('\r\n', '\n')
    if (!answer || answered || !screen.includes(answer.to)) return
    answered = true
    answer.act?.()
    if (answer.keys) child.stdin.write(answer.keys)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({code: code ?? -1, screen}))
  })
}
