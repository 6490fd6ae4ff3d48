import {string} from '@oclif/core/flags'

import {QueueCommand, queueArg} from '../cli/queues/queue-command.js'
import type {QueueView} from '../queue/queue-view.js'

export default class Pause extends QueueCommand {
  static override summary = 'Have no more calls begun for a queue.'

  static override description =
    'Tasks may be added all the while, and calls that run come to their end. It holds for every process, until it is resumed or its ' +
    'time is over.'

  static override examples = [
    {description: 'Until it is resumed', command: '<%= config.bin %> <%= command.id %> default'},
    {
      description: 'While the target is rebuilt',
      command: '<%= config.bin %> <%= command.id %> default --for 2h --reason rebuild',
    },
  ]

  static override args = queueArg

  static override flags = {
    for: string({description: 'Resume by itself after so long.', helpValue: 'DURATION'}),
    reason: string({description: 'Why: shown by `queues`.', helpValue: 'TEXT'}),
  }

  async run(): Promise<QueueView> {
    const {args, flags} = await this.parse(Pause)
    const [{knownQueue}, {parsePause}] = await Promise.all([import('../queue/find-tasks.js'), import('../task/parse-pause.js')])
    const pause = parsePause(flags)
    const store = await this.openStore(flags)
    const name = await knownQueue(store, args.name)
    await store.queue(name).pause(pause)
    return this.printQueue(store, name)
  }
}
