import {readFileSync} from 'node:fs'
import {join} from 'node:path'

import {TorqueError} from '../errors.js'
import {fileProblem} from './file-error.js'

export interface ConfigFile {
  path: string
  /** Setting name → value, as text. */
  values: Record<string, string>
}

export interface ConfigFileOptions {
  env: NodeJS.ProcessEnv
  cwd: string
  /** Names of the settings there are; any other key is an error, so that a typing mistake does not pass in silence. */
  known: readonly string[]
}

/** The config files that exist, the one that wins first. */
export function readConfigFiles({env, cwd, known}: ConfigFileOptions): ConfigFile[] {
  const home = env['XDG_CONFIG_HOME'] || (env['HOME'] && join(env['HOME'], '.config'))
  const paths = [join(cwd, 'torque.config.json'), ...(home ? [join(home, 'torque', 'config.json')] : [])]
  return paths.flatMap((path) => {
    const text = readIfThere(path)
    return text === undefined ? [] : [{path, values: parse(path, text, known)}]
  })
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    // A home that cannot even be looked into (a service account's) is no config file either.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined
    throw new TorqueError('invalid_option', `cannot read ${path}: ${fileProblem(error)}`, {cause: error})
  }
}

function parse(path: string, text: string, known: readonly string[]): Record<string, string> {
  const entries = Object.entries(parseObject(path, text))
  for (const [key, value] of entries) {
    if (!known.includes(key)) throw fail(path, `unknown key ${JSON.stringify(key)}`, `It may have: ${known.join(', ')}.`)
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw fail(path, `${JSON.stringify(key)} must be a string or a number`)
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]))
}

function parseObject(path: string, text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw fail(path, (error as Error).message)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail(path, 'it must hold a JSON object')
  return value
}

function fail(path: string, reason: string, hint?: string): TorqueError {
  return new TorqueError('invalid_option', `config file ${path}: ${reason}`, hint ? {hint} : {})
}
