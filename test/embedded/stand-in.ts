import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'

import {onTestFinished} from 'vitest'

import type {HomePaths} from '../../src/embedded/home.js'

const script = fileURLToPath(new URL('serve-stand-in.ts', import.meta.url))

export interface StandIn {
  process: ChildProcess
  pid?: number
  adopted?: boolean
  error?: {code: string; message: string}
}

/** A `serve` in a process of its own, up or refused. */
export async function startStandIn({home}: HomePaths, env: {PATH: string}): Promise<StandIn> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, home], {env, stdio: ['ignore', 'pipe', 'inherit']})
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface({input: child.stdout}), 'line')) as [string]
  return {process: child, ...(JSON.parse(line) as Omit<StandIn, 'process'>)}
}

/** Ends a stand-in without a chance to clean up. */
export async function murder(standIn: StandIn): Promise<void> {
  const gone = once(standIn.process, 'exit')
  standIn.process.kill('SIGKILL')
  await gone
}
