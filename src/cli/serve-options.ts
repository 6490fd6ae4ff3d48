import {readFileSync} from 'node:fs'

import {resolveHome} from '../embedded/home.js'
import {TorqueError} from '../errors.js'
import type {LogLevel} from '../log.js'
import type {ServeOptions} from '../serve/serve.js'
import {parseDuration} from '../task/duration.js'
import {parseQueueName} from '../task/queue-name.js'
import {namespaceOf} from './locate-redis.js'
import type {SettingName} from './settings.js'

/** The flags of `serve` as oclif hands them over. */
export interface ServeFlags {
  redis?: string | undefined
  namespace?: string | undefined
  queue?: string[] | undefined
  port: number
  host: string
  'no-http': boolean
  'no-dispatch': boolean
  'base-task-url'?: string | undefined
  'shutdown-timeout': string
  'allow-eviction': boolean
  fsync: string
  'log-level': string
  'max-task-errors'?: string | undefined
  'task-timeout': string
  'min-backoff': string
  'max-backoff': string
  'backoff-factor': string
  concurrency: number
  'lane-concurrency'?: number | undefined
  lease: string
  'keep-delivered': number
  'keep-dead'?: string | undefined
  'no-auth': boolean
  'auth-token-file'?: string | undefined
  'trusted-host'?: string[] | undefined
  egress: string
  'egress-allow'?: string[] | undefined
  'egress-deny'?: string[] | undefined
  'ca-file'?: string | undefined
  'dns-server'?: string[] | undefined
  'system-dns': boolean
}

export interface Surroundings {
  env: NodeJS.ProcessEnv
  /** Weighs flag, environment, config files and default. */
  setting: (name: SettingName, flag?: string) => string | undefined
}

/** What the flags and the environment ask for, checked. Throws `invalid_option` or `usage`. */
export function serveOptions(
  flags: ServeFlags,
  around: Surroundings,
): Omit<ServeOptions, 'version' | 'log'> & {logLevel: LogLevel} {
  if (flags['no-http'] && flags['no-dispatch'])
    throw new TorqueError('usage', 'with --no-http and --no-dispatch there is nothing to do')
  const {env, setting} = around
  const url = setting('redis', flags.redis)
  return {
    redis: url === undefined ? {engine: {home: resolveHome(env), env, fsync: flags.fsync as 'everysec' | 'always'}} : {url},
    namespace: namespaceOf(setting('namespace', flags.namespace)),
    queues: flags.queue?.map(parseQueueName),
    allowEviction: flags['allow-eviction'],
    http: flags['no-http'] ? undefined : httpOptions(flags, around),
    dispatch: !flags['no-dispatch'],
    tokens: {admin: adminTokens(flags, env), add: words(env['TORQUE_ADD_TOKEN'])},
    trustedHosts: flags['trusted-host'] ?? [],
    logLevel: flags['log-level'] as LogLevel,
    shutdownTimeoutMs: duration(flags, 'shutdown-timeout', {from: 0, to: 86_400_000}),
    ...deliveryOptions(flags, around),
    ...egressOptions(flags),
  }
}

function httpOptions(flags: ServeFlags, {setting}: Surroundings): NonNullable<ServeOptions['http']> {
  return {
    host: flags.host,
    port: flags.port,
    noAuth: flags['no-auth'],
    baseTaskUrl: setting('baseTaskUrl', flags['base-task-url']),
  }
}

function deliveryOptions(flags: ServeFlags, {setting}: Surroundings) {
  const backoff = {
    minBackoffMs: duration(flags, 'min-backoff', {from: 1, to: 366 * 86_400_000}),
    maxBackoffMs: duration(flags, 'max-backoff', {from: 1, to: 366 * 86_400_000}),
    factor: number('backoff-factor', flags['backoff-factor'], {from: 1, to: 100}),
  }
  return {
    limits: {
      maxErrors: whole('max-task-errors', setting('maxTaskErrors', flags['max-task-errors']) ?? '10', {from: 1, to: 1000}),
      timeoutMs: duration(flags, 'task-timeout', {from: 1_000, to: 30 * 60_000}),
    },
    backoff,
    concurrency: flags.concurrency,
    laneConcurrency: flags['lane-concurrency'] ?? 0,
    leaseMs: duration(flags, 'lease', {from: 1_000, to: 3_600_000}),
    keepDelivered: flags['keep-delivered'],
    keepDeadMs: flags['keep-dead'] === undefined ? undefined : duration(flags, 'keep-dead', {from: 0, to: 366 * 86_400_000}),
  }
}

function egressOptions(flags: ServeFlags) {
  const {egress, 'egress-allow': allow = [], 'egress-deny': deny = [], 'ca-file': caFile, 'dns-server': dnsServers} = flags
  if (egress === 'allowlist' && allow.length === 0)
    throw new TorqueError('usage', '--egress allowlist needs at least one --egress-allow')
  return {
    egress: {mode: egress as 'internal' | 'public' | 'allowlist', allow, deny},
    ca: caFile === undefined ? undefined : readFlagFile('ca-file', caFile),
    dnsServers,
    systemDns: flags['system-dns'],
  }
}

function adminTokens(flags: ServeFlags, env: NodeJS.ProcessEnv): string[] {
  const file = flags['auth-token-file']
  const fromFile = file === undefined ? [] : words(readFlagFile('auth-token-file', file))
  // A file that was meant to guard and holds nothing would leave the door open.
  if (file !== undefined && fromFile.length === 0)
    throw new TorqueError('invalid_option', `no token in ${JSON.stringify(file)}`, {field: 'auth-token-file'})
  return [...fromFile, ...words(env['TORQUE_AUTH_TOKEN'])]
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function readFlagFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TorqueError('invalid_option', `cannot read ${JSON.stringify(path)}: ${(cause as Error).message}`, {
      field: flag,
      cause,
    })
  }
}

type DurationFlag = 'shutdown-timeout' | 'task-timeout' | 'min-backoff' | 'max-backoff' | 'lease' | 'keep-dead'

interface Range {
  from: number
  to: number
}

function duration(flags: ServeFlags, flag: DurationFlag, range: Range): number {
  const text = flags[flag] ?? ''
  return inRange(flag, text, parseDuration(text, {field: flag, code: 'invalid_option'}), range)
}

function whole(flag: string, text: string, range: Range): number {
  if (!/^\d{1,9}$/.test(text))
    throw new TorqueError('invalid_option', `--${flag} wants a whole number, not ${JSON.stringify(text)}`, {field: flag})
  return inRange(flag, text, Number(text), range)
}

function number(flag: string, text: string, range: Range): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text))
    throw new TorqueError('invalid_option', `--${flag} wants a number, not ${JSON.stringify(text)}`, {field: flag})
  return inRange(flag, text, Number(text), range)
}

function inRange(flag: string, text: string, value: number, {from, to}: Range): number {
  if (value >= from && value <= to) return value
  throw new TorqueError('invalid_option', `--${flag} ${JSON.stringify(text)} is out of range`, {field: flag})
}
