import {resolveHome} from '../../embedded/home.js'
import {TorqueError} from '../../errors.js'
import type {LogLevel} from '../../log.js'
import type {ServeOptions} from '../../serve/serve.js'
import {parseQueueName} from '../../task/queue-name.js'
import {parseBaseTaskUrl} from '../../task/target.js'
import {type EgressFlags, egressOptions} from './egress-options.js'
import {badFlag, duration} from '../input/flag-value.js'
import {type ListenFlags, listenOptions} from './listen-flags.js'
import {ackReplicasOf, namespaceOf} from '../redis/locate-redis.js'
import {type SecretFlags, readCertificate, readTokens} from './serve-access.js'
import {type PolicyFlags, servePolicy} from './serve-policy.js'
import type {SettingName} from '../config/settings.js'
import {readSigningSecrets} from './signing-secrets.js'

/** The flags of `serve` as oclif hands them over. */
export interface ServeFlags extends PolicyFlags, EgressFlags, ListenFlags, SecretFlags {
  redis?: string | undefined
  namespace?: string | undefined
  queue?: string[] | undefined
  'no-http': boolean
  'no-dispatch': boolean
  drain: boolean
  'base-task-url'?: string | undefined
  'shutdown-timeout': string
  'ack-replicas'?: string | undefined
  'allow-eviction': boolean
  fsync: string
  'log-level': string
  'max-task-errors'?: string | undefined
  concurrency: number
  'lane-concurrency'?: number | undefined
  lease: string
  'keep-delivered': number
  'keep-dead'?: string | undefined
  'no-auth': boolean
  'trusted-host'?: string[] | undefined
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
  if (flags.drain && flags['no-dispatch'])
    throw new TorqueError('usage', 'with --no-dispatch nothing is delivered that --drain could wait for')
  const {env, setting} = around
  const url = setting('redis', flags.redis)
  return {
    redis: url === undefined ? {engine: {home: resolveHome(env), env, fsync: flags.fsync as 'everysec' | 'always'}} : {url},
    namespace: namespaceOf(setting('namespace', flags.namespace)),
    queues: flags.queue?.map(parseQueueName),
    allowEviction: flags['allow-eviction'],
    ackReplicas: ackReplicasOf(setting('ackReplicas', flags['ack-replicas'])),
    http: flags['no-http'] ? undefined : httpOptions(flags, around),
    dispatch: !flags['no-dispatch'],
    tokens: readTokens(flags, env),
    signing: readSigningSecrets(flags, env),
    trustedHosts: trustedHosts(flags),
    logLevel: flags['log-level'] as LogLevel,
    shutdownTimeoutMs: duration('shutdown-timeout', flags['shutdown-timeout'], {from: 0, to: 86_400_000}),
    ...deliveryOptions(flags, around),
    ...egressOptions(flags, around),
  }
}

function httpOptions(flags: ServeFlags, {setting}: Surroundings): NonNullable<ServeOptions['http']> {
  const baseTaskUrl = setting('baseTaskUrl', flags['base-task-url'])
  // Now, and not when the first relative url comes in.
  if (baseTaskUrl !== undefined) parseBaseTaskUrl(baseTaskUrl)
  return {...listenOptions(flags), certificate: readCertificate(flags), noAuth: flags['no-auth'], baseTaskUrl}
}

/** Names as they stand in a Host header, the port aside. */
function trustedHosts({'trusted-host': names = []}: ServeFlags): string[] {
  for (const name of names) if (!/^[\w.-]+$/.test(name)) throw badFlag('trusted-host', name, 'is not the name of a host')
  return names
}

function deliveryOptions(flags: ServeFlags, {setting}: Surroundings) {
  return {
    policy: servePolicy(flags, {
      maxTaskErrors: setting('maxTaskErrors', flags['max-task-errors']),
      baseTaskUrl: setting('baseTaskUrl', flags['base-task-url']),
    }),
    concurrency: flags.concurrency,
    laneConcurrency: flags['lane-concurrency'] ?? 0,
    leaseMs: duration('lease', flags['lease'], {from: 1_000, to: 3_600_000}),
    keepDelivered: flags['keep-delivered'],
    keepDeadMs:
      flags['keep-dead'] === undefined ? undefined : duration('keep-dead', flags['keep-dead'], {from: 0, to: 366 * 86_400_000}),
  }
}
