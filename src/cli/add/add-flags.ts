import {boolean, string} from '@oclif/core/flags'

import {ackReplicasFlag, queueFlag} from '../flags.js'

const helpGroup = 'TASK'

/** What describes one task. Their values are checked where every task is: here they are text. */
export const taskFlags = {
  url: string({description: 'What to call; the same as the argument.', helpGroup}),
  params: string({
    description: 'Form fields to send, a JSON object; @FILE or - reads it from a file or the standard input.',
    helpValue: 'JSON|@FILE|-',
    helpGroup,
  }),
  param: string({
    description: 'One form field, a string; repeatable.',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    exclusive: ['params'],
    helpGroup,
  }),
  'json-body': string({
    description: 'JSON to send as application/json; @FILE or - as with --params.',
    helpValue: 'JSON|@FILE|-',
    helpGroup,
  }),
  body: string({description: 'Text to send as it is.', helpValue: 'TEXT', helpGroup}),
  'content-type': string({
    description: 'Content type of --body. [default: text/plain; charset=utf-8]',
    helpValue: 'TYPE',
    helpGroup,
  }),
  header: string({
    description: 'A header of the call; repeatable.',
    helpValue: "'NAME: VALUE'",
    multiple: true,
    multipleNonGreedy: true,
    helpGroup,
  }),
  method: string({description: 'POST, PUT, PATCH, DELETE or GET. [default: POST]', helpGroup}),
  delay: string({description: 'Wait at least this long before the call.', helpValue: 'DURATION', helpGroup}),
  at: string({
    description: 'Call at this instant: ISO 8601 with its zone, or seconds since 1970.',
    helpValue: 'INSTANT',
    exclusive: ['delay'],
    helpGroup,
  }),
  id: string({description: 'Id of the task: adding it again adds nothing twice. [default: made up]', helpGroup}),
  'idempotency-key': string({description: 'The same for a key of your own choosing.', helpValue: 'KEY', helpGroup}),
  'on-delivered': string({description: 'Call this URL, too, once it is delivered.', helpValue: 'URL', helpGroup}),
  'on-dead': string({description: 'Call this URL once it is dead.', helpValue: 'URL', helpGroup}),
  unique: string({
    description: 'Add nothing where the same URL and content was added within this time.',
    helpValue: 'DURATION',
    helpGroup,
  }),
  replace: string({
    description: 'A task with this key that still waits takes the content and due time of this one.',
    helpValue: 'KEY',
    exclusive: ['id', 'idempotency-key', 'unique'],
    helpGroup,
  }),
  traceparent: string({description: 'The trace that its calls are part of (W3C).', helpValue: 'TEXT', helpGroup}),
  tracestate: string({description: 'What goes with it.', helpValue: 'TEXT', helpGroup}),
  timeout: string({description: 'Longest time one attempt may take.', helpValue: 'DURATION', helpGroup}),
  'max-errors': string({description: 'Bin it on this error.', helpValue: 'N', helpGroup}),
  'min-backoff': string({description: 'The wait after the first error.', helpValue: 'DURATION', helpGroup}),
  'max-backoff': string({description: 'The longest wait.', helpValue: 'DURATION', helpGroup}),
  'backoff-factor': string({description: 'By how much each wait exceeds the last.', helpValue: 'N', helpGroup}),
  waits: string({
    description: 'In place of such a curve: the waits after the first error, the second, and so on; the last one goes on.',
    helpValue: 'DURATION,…',
    exclusive: ['min-backoff', 'max-backoff', 'backoff-factor'],
    helpGroup,
  }),
  'max-age': string({description: 'Give it up so long after it was first due.', helpValue: 'DURATION', helpGroup}),
  'no-retry': string({
    description: 'Statuses after which there is no other attempt, such as 400,401,5xx; or none.',
    helpValue: 'STATUS,…',
    helpGroup,
  }),
  success: string({description: 'Statuses that are a success besides 2xx; or none.', helpValue: 'STATUS,…', helpGroup}),
  'flow-key': string({
    description: "Start tasks of one key in order and limit them together. [default: the target's origin]",
    helpValue: 'KEY',
    helpGroup,
  }),
}

/** How to add. */
export const addFlags = {
  ...queueFlag('Queue to add to. [default: default]'),
  ...ackReplicasFlag,
  from: string({description: 'Add the tasks of a file, a JSON object a line; - is the standard input.', helpValue: 'FILE|-'}),
  server: string({
    description:
      'Add over HTTP to the torque serve at this URL instead of writing to Redis. [env: TORQUE_AUTH_TOKEN or TORQUE_ADD_TOKEN]',
    helpValue: 'URL',
    exclusive: ['base-task-url', 'ack-replicas'],
  }),
  'base-task-url': string({
    description: 'What a relative URL is relative to. [env: TORQUE_BASE_TASK_URL]',
    helpValue: 'URL',
  }),
  wait: boolean({
    description: 'Wait until it is delivered (exit 0) or binned (exit 5).',
    default: false,
    exclusive: ['from', 'dry-run'],
  }),
  'wait-timeout': string({description: 'Wait at most this long (exit 124).', helpValue: 'DURATION'}),
  'dry-run': boolean({description: 'Check everything, add nothing.', default: false}),
  quiet: boolean({description: 'Print the id only.', default: false, exclusive: ['json', 'ndjson']}),
  ndjson: boolean({
    description: 'With --from: print a JSON document per line.',
    default: false,
    exclusive: ['json'],
  }),
}
