import {constants} from 'node:fs'
import {access, stat} from 'node:fs/promises'
import {isAbsolute, join} from 'node:path'

import type {Environment} from './home.js'

/** Where a program stands on the PATH of `env`, or `null`. */
export async function findProgram(name: string, env: Environment): Promise<string | null> {
  for (const dir of (env['PATH'] ?? '').split(':').filter((entry) => isAbsolute(entry))) {
    const path = join(dir, name)
    if (await isProgram(path)) return path
  }
  return null
}

export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
