import {TorqueCommand} from '../cli/base-command.js'
import type {QueueView} from '../queue/queue-view.js'

export default class Queues extends TorqueCommand {
  static override summary = 'List the queues, what is set for them, and which are paused.'

  static override description =
    'Off a terminal a queue is a line with TABs between: name, running or paused, until when, why, scheduled, ready, active, retrying, ' +
    'dead, delivered, lanes set aside, and what is set (name=value, with blanks between).'

  static override examples = [
    {description: 'See them all', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'One of them, for a script', command: '<%= config.bin %> <%= command.id %> -q default --json'},
  ]

  async run(): Promise<{queues: QueueView[]}> {
    const {flags} = await this.parse(Queues)
    const [{knownQueue}, {queueView}] = await Promise.all([import('../queue/find-tasks.js'), import('../queue/queue-view.js')])
    const store = await this.openStore(flags)
    const queues = (await store.limits.queues(await knownQueue(store, flags.queue))).map(queueView)
    if (!this.jsonEnabled()) {
      const {queueCells, queueColumns, queueLine} = await import('../cli/queues/queue-rows.js')
      const now = Date.now()
      await this.output.rows(
        queueColumns,
        queues.map((queue) => (this.output.terminal ? queueCells(queue, now) : queueLine(queue))),
      )
    }
    return {queues}
  }
}
