import {execFile} from 'node:child_process'

import type {Environment} from './home.js'

export interface ProgramResult {
  /** `null` when the program could not be started or was ended by a signal. */
  code: number | null
  stdout: string
  /** What it wrote, or why it did not start. */
  stderr: string
}

export interface ProgramOptions {
  env: Environment
  cwd?: string
  timeoutMs?: number
}

/** Runs a program to its end and resolves whatever came of it; messages come in English, so that they can be read by code. */
export function runProgram(file: string, args: string[], {env, cwd, timeoutMs = 10_000}: ProgramOptions): Promise<ProgramResult> {
  const options = {env: {...env, LC_ALL: 'C'}, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024, ...(cwd && {cwd})}
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : null) : 0
      resolve({code, stdout, stderr: stderr || (error && code === null ? error.message : '')})
    })
  })
}
