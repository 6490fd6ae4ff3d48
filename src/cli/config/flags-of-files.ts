import {TorqueError} from '../../errors.js'
import {quote} from '../../task/quote.js'
import {type Settings, flagOf, serveSettings} from './settings.js'

/** What is known of a flag before it is parsed. */
export interface FlagKind {
  type: 'boolean' | 'option'
  multiple?: boolean
}

export type FlagKinds = Record<string, FlagKind>

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
export function flagsOfFiles(settings: Settings, flags: FlagKinds, given: Parsed): FileFlags {
  const found: FileFlags = {tokens: [], settings: []}
  for (const name of serveSettings) {
    const {value, source: path} = settings.fromFile(name)
    const flag = flagOf(name)
    const kind = flags[flag]
    if (value === undefined || !kind || isGiven(given, flag)) continue
    found.tokens.push(...tokensOf(flag, kind, value, `${name} in ${path}`))
    found.settings.push({name, path})
  }
  return found
}

function isGiven({flags, metadata}: Parsed, flag: string): boolean {
  return flags[flag] !== undefined && metadata.flags[flag]?.setFromDefault !== true
}

function tokensOf(flag: string, kind: FlagKind, value: string | string[], place: string): string[] {
  if (kind.type === 'boolean') {
    if (value !== 'true' && value !== 'false') throw bad(place, value, 'must be true or false')
    return value === 'true' ? [`--${flag}`] : []
  }
  if (Array.isArray(value) && !kind.multiple) throw bad(place, value, 'must be one value')
  return [value].flat().map((text) => `--${flag}=${text}`)
}

function bad(place: string, value: string | string[], reason: string): TorqueError {
  return new TorqueError('invalid_option', `${place} ${quote(String(value))} ${reason}`)
}

/** The command line alone was right. oclif says more than one line, of flags that nobody gave. */
export function inNameOfFiles({message}: Error, settings: FileFlags['settings']): TorqueError {
  const files = [...new Set(settings.map(({path}) => path))].join(', ')
  const lines = message.split('\n').map((line) => line.trim())
  const said = lines.filter((line) => line !== '' && line !== 'See more help with --help').join(' ')
  const named = said.replace(/^Parsing --(\S+)/, (_all, flag: string) => `${settingOf(flag)}:`)
  return new TorqueError('invalid_option', `config file ${files}: ${named}`)
}

function settingOf(flag: string): string {
  return serveSettings.find((name) => flagOf(name) === flag) ?? flag
}
