import {string} from '@oclif/core/flags'

import {QueueCommand, queueArg} from '../../cli/queues/queue-command.js'
import {TorqueError} from '../../errors.js'
import type {QueueView} from '../../queue/queue-view.js'
import type {SettingField} from '../../task/queue-settings.js'

/** The setting of each flag. */
const fields = {
  rate: 'rate',
  burst: 'burst',
  concurrency: 'concurrency',
  'lane-concurrency': 'laneConcurrency',
  'lane-rate': 'laneRate',
  'cool-down-after': 'coolDownAfter',
  timeout: 'timeout',
  'max-errors': 'maxErrors',
  'min-backoff': 'minBackoff',
  'max-backoff': 'maxBackoff',
  'backoff-factor': 'factor',
  waits: 'waits',
  'max-age': 'maxAge',
  'no-retry': 'noRetry',
  success: 'success',
  'on-delivered': 'onDelivered',
  'on-dead': 'onDead',
} as const satisfies Record<string, SettingField>

export default class QueuesSet extends QueueCommand {
  static override summary = 'Set limits and defaults of a queue, for all processes.'

  static override description =
    'What is not named stays as it is; none takes a setting away. All that is named is set in one step, and every process goes by it ' +
    'within a second. Limits hold over all processes together. What a task says itself comes before what its queue says, and that ' +
    'before the flags of serve. A queue that is not there yet comes into being.'

  static override examples = [
    {
      description: 'At most 50 calls a second, 20 at a time, and 5 to one target',
      command: '<%= config.bin %> <%= command.id %> default --rate 50/s --burst 100 --concurrency 20 --lane-concurrency 5',
    },
    {
      description: 'Let it run freely again',
      command: '<%= config.bin %> <%= command.id %> default --rate none --concurrency none',
    },
  ]

  static override args = queueArg

  static override flags = {
    rate: string({description: 'Calls begun per second, or 100/m, 1000/h, 10/d.', helpValue: 'RATE'}),
    burst: string({description: 'Calls that may begin at once under --rate; without it, those of a second.', helpValue: 'N'}),
    concurrency: string({description: 'Most calls at a time.', helpValue: 'N'}),
    'lane-concurrency': string({description: 'Most calls at a time to one target.', helpValue: 'N'}),
    'lane-rate': string({description: 'Calls begun per second to one target.', helpValue: 'RATE'}),
    'cool-down-after': string({
      description: 'Failures in a row that set a target`s lane aside for a while; 0: none do. [default: 5]',
      helpValue: 'N',
    }),
    timeout: string({description: 'How long a call may take.', helpValue: 'DURATION'}),
    'max-errors': string({description: 'The error that bins a task.', helpValue: 'N'}),
    'min-backoff': string({description: 'Wait after the first error.', helpValue: 'DURATION'}),
    'max-backoff': string({description: 'Longest wait.', helpValue: 'DURATION'}),
    'backoff-factor': string({description: 'How much longer each wait is.', helpValue: 'NUMBER'}),
    waits: string({description: 'The waits themselves, in place of such a curve.', helpValue: 'DURATION,…'}),
    'max-age': string({description: 'Give a task up so long after it was due.', helpValue: 'DURATION'}),
    'no-retry': string({description: 'Statuses that bin a task at once.', helpValue: 'STATUS,…'}),
    success: string({description: 'Statuses that are a success besides 2xx.', helpValue: 'STATUS,…'}),
    'on-delivered': string({description: 'URL to call, too, once a task is delivered.', helpValue: 'URL'}),
    'on-dead': string({description: 'URL to call once a task is dead.', helpValue: 'URL'}),
  }

  async run(): Promise<QueueView> {
    const {args, flags} = await this.parse(QueuesSet)
    const [{parseQueueName}, {parseSettings}] = await Promise.all([
      import('../../task/queue-name.js'),
      import('../../task/queue-settings.js'),
    ])
    const name = parseQueueName(args.name)
    const given = Object.entries(fields).flatMap(([flag, field]) => {
      const text = flags[flag as keyof typeof fields]
      return text === undefined ? [] : [[field, text] as const]
    })
    if (given.length === 0) throw new TorqueError('usage', 'say what to set, such as --rate 50/s')
    const change = parseSettings(given)
    const store = await this.openStore(flags)
    await store.queue(name).configure(change)
    return this.printQueue(store, name)
  }
}
