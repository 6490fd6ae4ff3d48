import {displayUrl} from '../../queue/redis/redis-url-parts.js'
import {type Settings, flagOf, secretVariables, serveSettings, settingNames} from './settings.js'

export interface ConfigEntry {
  name: string
  /** Null: there is none, and `serve --help` says what is done then. */
  value: string | null
  /** `default`, the name of a variable, or the path of a file. */
  source: string
}

/** What the manifest tells of a flag. */
interface ServeFlag {
  type?: string
  default?: unknown
  description?: string
}

/** In the place of what nobody should see. */
const masked = '********'

/** Every setting with its value and where that came from. */
export function configEntries(settings: Settings, serveFlags: Record<string, ServeFlag>, env: NodeJS.ProcessEnv): ConfigEntry[] {
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

/** Where the flag itself has none, since it is known only later whether it was given, its description says what holds. */
function defaultOf(flags: Record<string, ServeFlag>, name: string): string | null {
  const {default: value, type, description = ''} = flags[flagOf(name)] ?? {}
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (type === 'boolean') return 'false'
  return /\[default: ([\w.]+)[\];,]/.exec(description)?.[1] ?? null
}

/** No other may hold a password. */
function shown(name: string, value: string): string {
  return name === 'redis' ? displayUrl(value) : value
}
