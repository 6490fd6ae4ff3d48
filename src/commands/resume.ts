import {QueueCommand, queueArg} from '../cli/queues/queue-command.js'
import type {QueueView} from '../queue/queue-view.js'

export default class Resume extends QueueCommand {
  static override summary = 'Let a paused queue go on.'

  static override description =
    'Its tasks are called as they are due, those that became due meanwhile first. One that runs stays so.'

  static override examples = [{description: 'By its name', command: '<%= config.bin %> <%= command.id %> default'}]

  static override args = queueArg

  async run(): Promise<QueueView> {
    const {args, flags} = await this.parse(Resume)
    const {knownQueue} = await import('../queue/find-tasks.js')
    const store = await this.openStore(flags)
    const name = await knownQueue(store, args.name)
    await store.queue(name).resume()
    return this.printQueue(store, name)
  }
}
