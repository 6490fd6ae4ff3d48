import {readFileSync} from 'node:fs'
import {join} from 'node:path'

import {TorqueError} from '../../errors.js'
import {fileProblem} from '../input/file-error.js'

export interface ConfigFile {
  path: string
  /** Setting name → value, as text; a list where several were given. */
  values: Record<string, string | string[]>
}

export interface ConfigFileOptions {
  env: NodeJS.ProcessEnv
  cwd: string
  /** Names of the settings there are; any other key is an error, so that a typing mistake does not pass in silence. */
  known: readonly string[]
  /** Names of those that may be lists. */
  lists: readonly string[]
}

/** The config files that exist, the one that wins first. */
export function readConfigFiles({env, cwd, ...names}: ConfigFileOptions): ConfigFile[] {
  const home = env['XDG_CONFIG_HOME'] || (env['HOME'] && join(env['HOME'], '.config'))
  const paths = [join(cwd, 'torque.config.json'), ...(home ? [join(home, 'torque', 'config.json')] : [])]
  return paths.flatMap((path) => {
    const text = readIfThere(path)
    return text === undefined ? [] : [{path, values: parse(path, text, names)}]
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

function parse(path: string, text: string, {known, lists}: Pick<ConfigFileOptions, 'known' | 'lists'>): ConfigFile['values'] {
  const entries = Object.entries(parseObject(path, text)).map(([key, value]: [string, unknown]) => {
    const line = lineOf(text, keyAt(text, key))
    if (!known.includes(key)) throw fail(path, line, `unknown key ${JSON.stringify(key)}`, `It may have: ${known.join(', ')}.`)
    if (Array.isArray(value) && !lists.includes(key)) noValue(path, line, key)
    return [key, asText(value) ?? noValue(path, line, key)] as const
  })
  return Object.fromEntries(entries)
}

function asText(value: unknown): string | string[] | undefined {
  if (Array.isArray(value)) {
    const texts = value.map(asText)
    return texts.every((text) => typeof text === 'string') ? texts : undefined
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined
}

function noValue(path: string, line: number, key: string): never {
  throw fail(
    path,
    line,
    `${JSON.stringify(key)} must be a string, a number, true or false; a list only where several can be given`,
  )
}

function parseObject(path: string, text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const {message} = error as Error
    const [, at] = /at position (\d+)/.exec(message) ?? []
    throw fail(path, at === undefined ? undefined : lineOf(text, Number(at)), message)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail(path, 1, 'it must hold a JSON object')
  return value
}

/** Where a key stands; it is there, but maybe spelt with escapes. */
function keyAt(text: string, key: string): number {
  return Math.max(0, text.search(new RegExp(`${JSON.stringify(key).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*:`)))
}

/** Counted from 1. */
function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

function fail(path: string, line: number | undefined, reason: string, hint?: string): TorqueError {
  const place = line === undefined ? path : `${path}:${line}`
  return new TorqueError('invalid_option', `config file ${place}: ${reason}`, hint ? {hint} : {})
}
