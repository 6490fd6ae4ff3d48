import {TorqueError} from '../errors.js'
import type {Store} from '../queue/store.js'
import {quote} from '../task/quote.js'

/** A queue that may be looked into: `default` always exists, any other one must have had a task. Undefined stays: all queues. */
export async function knownQueue<Name extends string | undefined>(store: Store, name: Name): Promise<Name> {
  if (name === undefined || name === 'default') return name
  const {parseQueueName} = await import('../task/new-task.js')
  parseQueueName(name)
  if ((await store.queueNames()).includes(name)) return name
  throw new TorqueError('no_such_queue', `there is no queue ${quote(name)}`, {
    field: 'queue',
    hint: 'A queue comes into being with its first task. `torque stats` lists them.',
  })
}
