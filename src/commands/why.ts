import {string as stringArg} from '@oclif/core/args'

import {TorqueCommand} from '../cli/base-command.js'
import {placeOf} from '../cli/redis/place.js'
import type {WhyView} from '../queue/why-view.js'

export default class Why extends TorqueCommand {
  static override summary = 'Say why a task has not been delivered yet, and what to do.'

  static override description =
    'Every reason, the one that matters most first: nobody calls its queue, a pause, its due time, trouble of its target, a limit, ' +
    'or an end. Off a terminal a reason is a line with TABs between: code, in words, until when (empty: nobody can tell), and the command that helps.'

  static override examples = [
    {description: 'Why does it wait?', command: '<%= config.bin %> <%= command.id %> welcome-1'},
    {description: 'The codes alone, for a script', command: '<%= config.bin %> <%= command.id %> welcome-1 | cut -f1'},
  ]

  static override args = {
    id: stringArg({description: 'Id of the task.', required: true, ignoreStdin: true}),
  }

  async run(): Promise<WhyView> {
    const {args, flags} = await this.parse(Why)
    const [{findTask, knownQueue}, {readWhy}] = await Promise.all([
      import('../queue/find-tasks.js'),
      import('../queue/read-why.js'),
    ])
    const store = await this.openStore(flags)
    const record = await findTask(store, args.id, await knownQueue(store, flags.queue))
    const why = await readWhy(store, record, placeOf(flags))
    if (!this.jsonEnabled()) await this.#print(why)
    return why
  }

  async #print(why: WhyView): Promise<void> {
    const {whyCells, whySheet} = await import('../cli/tasks/why-sheet.js')
    if (!this.output.terminal) return this.output.rows([], whyCells(why))
    await this.output.write(whySheet(why, await this.output.styles()))
  }
}
