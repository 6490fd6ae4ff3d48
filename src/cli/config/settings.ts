import {TorqueError} from '../../errors.js'
import {quote} from '../../task/quote.js'
import {type ConfigFile, readConfigFiles} from './config-file.js'

interface SettingDefinition {
  /** Environment variables that give it, the first that is not empty wins. */
  env: readonly string[]
  default?: string
}

/**
 * Every setting that may come from the environment or a config file, under the name it has in a file. The flag is the same name
 * in kebab-case. The one place where flag, environment, file and default are weighed.
 */
const definitions = {
  redis: {env: ['TORQUE_REDIS_URL', 'REDIS_URL']},
  namespace: {env: ['TORQUE_NAMESPACE'], default: 'torque'},
  baseTaskUrl: {env: ['TORQUE_BASE_TASK_URL']},
  baseTaskUrlOnly: {env: ['TORQUE_BASE_TASK_URL_ONLY']},
  maxTaskErrors: {env: ['MAX_TASK_ERRORS']},
  ackReplicas: {env: ['TORQUE_ACK_REPLICAS'], default: '0'},
} as const satisfies Record<string, SettingDefinition>

export type SettingName = keyof typeof definitions

/** The other flags of `serve`, which a config file may give under these names. What they may be is for `serve` to say. */
export const serveSettings = `
  queue port host listen listenMode noHttp noDispatch workers shutdownTimeout allowEviction fsync logLevel
  logFormat minBackoff maxBackoff backoffFactor waits taskTimeout maxAge noRetry onDelivered onDead success concurrency
  laneConcurrency lease keepDelivered keepDead noAuth authTokenFile addTokenFile tlsCert tlsKey signingSecretFile
  trustedHost egress egressAllow egressDeny caFile dnsServer systemDns egressProxy
`
  .trim()
  .split(/\s+/)

/** Those that only the environment gives: nobody should see them, and so no flag and no config file holds them. */
export const secretVariables = ['TORQUE_AUTH_TOKEN', 'TORQUE_ADD_TOKEN', 'TORQUE_SIGNING_SECRET']

export const settingNames = Object.keys(definitions) as SettingName[]

/** The name of a setting's flag: `base-task-url`. */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

export interface ResolvedSetting {
  value: string | undefined
  /** Where it came from: `flag`, the variable's name, the file's path, or `default`. */
  source: string
}

export interface SettingSources {
  env: NodeJS.ProcessEnv
  cwd: string
}

/** Weighs flag, environment, `./torque.config.json`, the user's config file and the default, in this order. */
export class Settings {
  readonly #env: NodeJS.ProcessEnv
  readonly #files: ConfigFile[]

  constructor({env, cwd}: SettingSources) {
    this.#env = env
    this.#files = readConfigFiles({env, cwd, known: [...settingNames, ...serveSettings], lists: serveSettings})
  }

  /** The value in force. An empty variable counts as absent. */
  get(name: SettingName, flag?: string): string | undefined {
    return this.resolve(name, flag).value
  }

  resolve(name: SettingName, flag?: string): ResolvedSetting {
    const {env, default: fallback}: SettingDefinition = definitions[name]
    if (flag) return {value: flag, source: 'flag'}
    const variable = env.find((candidate) => this.#env[candidate])
    if (variable) return {value: this.#env[variable], source: variable}
    const {value = fallback, source} = this.fromFile(name)
    return {value: Array.isArray(value) ? undefined : value, source}
  }

  /** What the config files say, and which; the source is `default` where none says anything. */
  fromFile(name: string): {value: string | string[] | undefined; source: string} {
    const file = this.#files.find(({values}) => values[name] !== undefined)
    return file ? {value: file.values[name], source: file.path} : {value: undefined, source: 'default'}
  }

  /** The files that were read, the one that wins first. */
  get paths(): string[] {
    return this.#files.map(({path}) => path)
  }
}

/** Whether a setting that is on or off is on. Throws `invalid_option` for what is neither. */
export function isOn(name: SettingName, text = ''): boolean {
  if (/^(?:true|1|yes|on)$/i.test(text)) return true
  if (/^(?:false|0|no|off|)$/i.test(text)) return false
  throw new TorqueError('invalid_option', `${flagOf(name)} is ${quote(text)}, and neither true nor false`, {field: flagOf(name)})
}
