import {displayUrl} from '../queue/redis-url-parts.js'
import {type Settings, flagOf, secretVariables, serveSettings, settingNames} from './settings.js'

export interface ConfigEntry {
  name: string
  /** Null: there is none, and `serve --help` says what is done then. */
  value: string | null
  /** `default`, the name of a variable, or the path of a file. */
  source: string
}

/** In the place of what nobody should see. */
const masked = '********'

/** Every setting with its value and where that came from. */
export function configEntries(
  settings: Settings,
  serveFlags: Record<string, {default?: unknown}>,
  env: NodeJS.ProcessEnv,
): ConfigEntry[] {
  const shared = settingNames.map((name) => {
    const {value = null, source} = settings.resolve(name)
    return {name, value: value === null ? defaultOf(serveFlags, name) : shown(name, value), source}
  })
  const ofServe = serveSettings.map((name) => {
    const {value, source} = settings.fromFile(name)
    return {name, value: value === undefined ? defaultOf(serveFlags, name) : shown(name, String(value)), source}
  })
  const secrets = secretVariables.filter((name) => env[name]).map((name) => ({name, value: masked, source: name}))
  return [...shared, ...ofServe, ...secrets]
}

function defaultOf(flags: Record<string, {default?: unknown}>, name: string): string | null {
  const value = flags[flagOf(name)]?.default
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** A URL may hold a password. */
function shown(name: string, value: string): string {
  if (name === 'redis') return displayUrl(value)
  return value.replace(/(\/\/[^/@\s]*:)[^/@\s]*@/, `$1${masked}@`)
}
