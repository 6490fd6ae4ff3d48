import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import type {FullTaskView} from '../queue/effective-policy.js'

export default class Show extends TorqueCommand {
  static override summary = 'Show everything about one task.'

  static override description =
    'What it calls, where it stands, what holds for it and who says so (the task, its queue, serve), and how its newest attempts went. Off a terminal a field is a line: name, TAB, value.'

  static override examples = [
    {description: 'Look at a task', command: '<%= config.bin %> <%= command.id %> welcome-1'},
    {description: 'Make its call by hand', command: '<%= config.bin %> <%= command.id %> welcome-1 --curl | sh'},
  ]

  static override args = {
    id: stringArg({description: 'Id of the task.', required: true, ignoreStdin: true}),
  }

  static override flags = {
    curl: boolean({description: 'Print the call as a curl command.', default: false, exclusive: ['json']}),
  }

  async run(): Promise<FullTaskView | undefined> {
    const {args, flags} = await this.parse(Show)
    const {findTask, knownQueue} = await import('../queue/find-tasks.js')
    const store = await this.openStore(flags)
    const record = await findTask(store, args.id, await knownQueue(store, flags.queue))

    if (flags.curl) {
      const {curlCommand} = await import('../cli/tasks/curl-command.js')
      await this.output.line(curlCommand(record.task, record.queue))
      return undefined
    }
    const {effectivePolicy, fullTaskView} = await import('../queue/effective-policy.js')
    const task = fullTaskView(record, await effectivePolicy(store, record))
    if (!this.jsonEnabled()) await this.#print(task)
    return task
  }

  async #print(task: FullTaskView): Promise<void> {
    if (!this.output.terminal) {
      const {taskFieldCells} = await import('../cli/tasks/task-field-cells.js')
      return this.output.rows([], taskFieldCells(task))
    }
    const {taskSheet} = await import('../cli/tasks/task-sheet.js')
    await this.output.write(taskSheet(task, {now: Date.now(), width: this.output.width, styles: await this.output.styles()}))
  }
}
