import {string as stringArg} from '@oclif/core/args'

import type {QueueView} from '../../queue/queue-view.js'
import type {Store} from '../../queue/store.js'
import {TorqueCommand} from '../base-command.js'
import {commonFlags, jsonFlag, redisFlags} from '../flags.js'

export const queueArg = {
  name: stringArg({description: 'Name of the queue.', required: true, ignoreStdin: true}),
}

/** A command about one queue, which it names: does its verb, and shows where the queue stands then. */
export abstract class QueueCommand extends TorqueCommand {
  static override baseFlags = {...redisFlags, ...commonFlags, ...jsonFlag} as unknown as typeof TorqueCommand.baseFlags

  /** Off a terminal the line of `torque queues`. */
  protected async printQueue(store: Store, name: string): Promise<QueueView> {
    const {queueView} = await import('../../queue/queue-view.js')
    const queue = queueView((await store.limits.queues(name))[0]!)
    if (this.jsonEnabled()) return queue
    const {queueCells, queueColumns, queueLine} = await import('./queue-rows.js')
    await this.output.rows(queueColumns, [this.output.terminal ? queueCells(queue, Date.now()) : queueLine(queue)])
    return queue
  }
}
