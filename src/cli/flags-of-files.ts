import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import {type Settings, flagOf, serveSettings} from './settings.js'

/** What is known of a flag before it is parsed. */
interface FlagKind {
  type: 'boolean' | 'option'
  multiple?: boolean
}

/** What oclif says of a command line. */
interface Parsed {
  metadata: {flags: Record<string, {setFromDefault?: boolean} | undefined>}
  flags: Record<string, unknown>
}

export interface FileFlags {
  /** As they would stand on the command line. */
  tokens: string[]
  settings: {name: string; path: string}[]
}

/** The flags that config files give and the command line does not. Throws `invalid_option` for a value that no such flag can have. */
export function flagsOfFiles(settings: Settings, flags: Record<string, FlagKind>, given: Parsed): FileFlags {
  const found: FileFlags = {tokens: [], settings: []}
  for (const name of serveSettings) {
    const {value, source: path} = settings.fromFile(name)
    const flag = flagOf(name)
    if (value === undefined || isGiven(given, flag)) continue
    found.tokens.push(...tokensOf(flag, flags[flag], value, `${name} in ${path}`))
    found.settings.push({name, path})
  }
  return found
}

function isGiven({flags, metadata}: Parsed, flag: string): boolean {
  return flags[flag] !== undefined && metadata.flags[flag]?.setFromDefault !== true
}

function tokensOf(flag: string, kind: FlagKind | undefined, value: string | string[], place: string): string[] {
  if (kind?.type === 'boolean') {
    if (value !== 'true' && value !== 'false') throw bad(place, value, 'must be true or false')
    return value === 'true' ? [`--${flag}`] : []
  }
  if (Array.isArray(value) && !kind?.multiple) throw bad(place, value, 'must be one value')
  return [value].flat().map((text) => `--${flag}=${text}`)
}

function bad(place: string, value: string | string[], reason: string): TorqueError {
  return new TorqueError('invalid_option', `${place} ${quote(String(value))} ${reason}`)
}
