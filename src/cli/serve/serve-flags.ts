import {boolean, integer, string} from '@oclif/core/flags'

import {egressFlags} from './egress-flags.js'
import {ackReplicasFlag, redisFlags} from '../flags.js'
import {retryFlags} from './retry-flags.js'

const DELIVERY = 'DELIVERY'
const ACCESS = 'ACCESS'

/** Flags of `serve`. Those whose values are text are read in `serve-options.ts`. */
export const serveFlags = {
  ...redisFlags,
  queue: string({
    char: 'q',
    description: 'Queue to deliver; may be given several times. [default: all]',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME',
  }),
  port: integer({
    char: 'p',
    description: 'Port to listen on; 0 for any free one. [default: 8090]',
    min: 0,
    max: 65_535,
    helpValue: 'PORT',
  }),
  host: string({description: 'Address to listen on. [default: 127.0.0.1]', helpValue: 'ADDRESS'}),
  listen: string({
    description: 'Unix socket to listen on, instead of a port; with --port or --host, both.',
    helpValue: 'unix:PATH',
  }),
  'listen-mode': string({
    description: 'Who may connect to it, as for chmod. [default: 600, this user only]',
    helpValue: 'MODE',
  }),
  'no-http': boolean({description: 'Do not listen: only deliver.', default: false}),
  'no-dispatch': boolean({description: 'Do not deliver: only take tasks.', default: false}),
  workers: integer({
    description: 'Processes that share the port and the queues. --concurrency holds for each of them.',
    min: 1,
    max: 64,
    default: 1,
    helpValue: 'N',
  }),
  drain: boolean({description: 'Stop with exit 0 when nothing is left that is due.', default: false}),
  'base-task-url': string({
    description: 'What relative urls are resolved against. [env: TORQUE_BASE_TASK_URL]',
    helpValue: 'URL',
  }),
  'shutdown-timeout': string({
    description: 'How long running calls may take to finish.',
    default: '30s',
    helpValue: 'DURATION',
  }),
  ...ackReplicasFlag,
  'allow-eviction': boolean({description: 'Put up with a Redis that evicts keys.', default: false}),
  fsync: string({
    description: 'When the private Redis writes to disk: "always" loses nothing in a power cut, and is slower.',
    options: ['everysec', 'always'],
    default: 'everysec',
  }),
  'log-level': string({
    description: 'What to log on stderr.',
    options: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
  }),
  'log-format': string({
    description: 'How to log; "auto" is pretty on a terminal and json otherwise.',
    options: ['auto', 'pretty', 'json'],
    default: 'auto',
  }),

  ...retryFlags(DELIVERY),
  'task-timeout': string({
    description: 'How long a call may take.',
    default: '30s',
    helpValue: 'DURATION',
    helpGroup: DELIVERY,
  }),
  'max-age': string({
    description: 'Give a task up so long after it was first due. [default: when its errors are too many]',
    helpValue: 'DURATION',
    helpGroup: DELIVERY,
  }),
  'no-retry': string({
    description: 'Statuses after which there is no other attempt, such as 400,401,5xx.',
    helpValue: 'STATUS,…',
    helpGroup: DELIVERY,
  }),
  'on-delivered': string({
    description: 'URL to call, too, once a task is delivered.',
    helpValue: 'URL',
    helpGroup: DELIVERY,
  }),
  'on-dead': string({description: 'URL to call once a task is dead.', helpValue: 'URL', helpGroup: DELIVERY}),
  success: string({description: 'Statuses that are a success besides 2xx.', helpValue: 'STATUS,…', helpGroup: DELIVERY}),
  concurrency: integer({
    description: 'Most calls at once in this process.',
    min: 1,
    max: 10_000,
    default: 100,
    helpValue: 'N',
    helpGroup: DELIVERY,
  }),
  'lane-concurrency': integer({
    description: 'Most calls at once to one target, over all processes. [default: shared out, so that none takes all]',
    min: 1,
    max: 10_000,
    helpValue: 'N',
    helpGroup: DELIVERY,
  }),
  lease: string({
    description: 'After how long the tasks of a process that died are taken over.',
    default: '15s',
    helpValue: 'DURATION',
    helpGroup: DELIVERY,
  }),
  'keep-delivered': integer({
    description: 'How many delivered tasks each queue keeps, the newest.',
    min: 0,
    max: 1_000_000,
    default: 1000,
    helpValue: 'N',
    helpGroup: DELIVERY,
  }),
  'keep-dead': string({
    description: 'How long dead tasks are kept. [default: until they are purged]',
    helpValue: 'DURATION',
    helpGroup: DELIVERY,
  }),

  'no-auth': boolean({description: 'Listen beyond this machine without a token.', default: false, helpGroup: ACCESS}),
  'auth-token-file': string({
    description: 'File with tokens that may do everything, one a line. [env: TORQUE_AUTH_TOKEN]',
    helpValue: 'FILE',
    helpGroup: ACCESS,
  }),
  'add-token-file': string({
    description:
      'File with tokens that may only add, one a line; after a token, the queues it may add to. [env: TORQUE_ADD_TOKEN]',
    helpValue: 'FILE',
    helpGroup: ACCESS,
  }),
  'tls-cert': string({
    description: 'Certificate chain (PEM) to speak TLS with at the port; SIGHUP reads it, the key and the tokens again.',
    helpValue: 'FILE',
    helpGroup: ACCESS,
  }),
  'tls-key': string({description: 'Its private key (PEM).', helpValue: 'FILE', helpGroup: ACCESS}),
  'signing-secret-file': string({
    description:
      'File with secrets (whsec_…) to sign calls with, the current one first; a line may begin with the queue it is for. ' +
      '[env: TORQUE_SIGNING_SECRET]',
    helpValue: 'FILE',
    helpGroup: DELIVERY,
  }),
  'trusted-host': string({
    description: 'A name this server is called by; may be given several times.',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME',
    helpGroup: ACCESS,
  }),
  ...egressFlags,
}
