import {type ChildProcess, spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {inject, onTestFinished} from 'vitest'

import {openTestStore} from './open-store.js'

/** The command as a checkout has it; `npm test` builds it first. */
export const runJs = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface RunOptions {
  /** Given and closed; without it the standard input is empty. */
  stdin?: string | Uint8Array
  /** On top of a clean environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Called with the running process, to signal it or to read along. */
  during?: (child: ChildProcess) => void
}

export interface Run {
  /** What a shell would say: 128 + the number for a signal. */
  code: number
  stdout: string
  stderr: string
}

/** Nothing of the machine's but the PATH, and a HOME that holds no private Redis. */
export function cleanEnv(env: RunOptions['env'] = {}): Record<string, string> {
  const all = {PATH: process.env['PATH'], HOME: join(tmpdir(), 'torque-no-home'), ...env}
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Runs a program to its end. */
export function runProgram(file: string, args: readonly string[], {stdin = '', env, cwd, during}: RunOptions = {}): Promise<Run> {
  const child = spawn(file, args, {env: cleanEnv(env), cwd: cwd ?? tmpdir(), stdio: 'pipe'})
  const collected = {stdout: '', stderr: ''}
  child.stdout.setEncoding('utf8').on('data', (text: string) => (collected.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (collected.stderr += text))
  // A command that does not read its input may end before it is written.
  child.stdin.on('error', () => {}).end(stdin)
  during?.(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({...collected, code: code ?? 128 + (signal === 'SIGINT' ? 2 : 15)}))
  })
}

/** Runs `torque` without a Redis of any kind. */
export function runTorque(args: readonly string[], options?: RunOptions): Promise<Run> {
  return runProgram(process.execPath, [runJs, ...args], options)
}

/** A namespace of the test's own, in the run's Redis unless another is given: the command that works in it, and the store to look and meddle with. */
export async function openTorque({redisUrl = inject('redisUrl')}: {redisUrl?: string} = {}) {
  const namespace = `cli-${randomUUID().slice(0, 20)}`
  const {store, queue, inspector} = await openTestStore({redisUrl, namespace, clock: undefined})
  const env = {TORQUE_REDIS_URL: redisUrl, TORQUE_NAMESPACE: namespace}
  const torque = (args: readonly string[], options: RunOptions = {}) =>
    runTorque(args, {...options, env: {...env, ...options.env}})
  /** Runs it and reads its `--json` document. */
  const json = async <T>(args: readonly string[], options?: RunOptions): Promise<T> => {
    const {stdout, stderr} = await torque([...args, '--json'], options)
    return JSON.parse(stdout || stderr) as T
  }
  return {torque, json, env, store, queue, inspector}
}

/** An empty directory that goes when the test ends. */
export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'torque-cli-'))
  onTestFinished(() => rmSync(dir, {recursive: true, force: true}))
  return dir
}

/** The cells of TAB-separated lines. */
export function rowsOf(stdout: string): string[][] {
  return stdout === ''
    ? []
    : stdout
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => line.split('\t'))
}
