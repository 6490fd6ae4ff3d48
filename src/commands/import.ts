import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import {queueFlag} from '../cli/flags.js'
import type {ImportReport} from '../cli/tasks/import-file.js'

export default class Import extends TorqueCommand {
  static override summary = 'Put the tasks of an export where they stood.'

  static override description =
    'Importing a file twice changes nothing: a task that is here, or was and ended within a day, is left as it is. One whose id is ' +
    'another task is a conflict. Bad lines are named by their number, and the others imported: exit 1. ' +
    'Off a terminal the result is lines with a TAB between name and number.'

  static override examples = [
    {description: 'From a file', command: '<%= config.bin %> <%= command.id %> backup.ndjson'},
    {
      description: 'From another Redis',
      command:
        '<%= config.bin %> export --redis redis://old.example.com:6379 | <%= config.bin %> <%= command.id %> - --redis redis://new.example.com:6379',
    },
    {
      description: 'What was binned, as new tasks',
      command: '<%= config.bin %> export --state dead | <%= config.bin %> <%= command.id %> - --as-new -q again',
    },
  ]

  static override args = {
    file: stringArg({description: 'A file of torque export; - is the standard input.', required: true, ignoreStdin: true}),
  }

  static override flags = {
    ...queueFlag('Queue to put them in. [default: the one of each]'),
    'as-new': boolean({
      description: 'Add them anew: no errors, no attempts; what had ended is due now, what waits keeps its due time.',
      default: false,
    }),
    'no-history': boolean({description: 'Leave out their attempts.', default: false}),
  }

  async run(): Promise<ImportReport> {
    const {args, flags} = await this.parse(Import)
    const [{importFile}, {taskRules}, {parseQueueName}] = await Promise.all([
      import('../cli/tasks/import-file.js'),
      import('../cli/bulk/task-rules.js'),
      import('../task/queue-name.js'),
    ])
    const rules = taskRules(this.setting('baseTaskUrl'), (name) => this.setting(name))
    const {report, exitCode} = await importFile(args.file, {
      ...rules,
      queue: flags.queue === undefined ? undefined : parseQueueName(flags.queue),
      asNew: flags['as-new'],
      history: !flags['no-history'],
      store: await this.openStore(flags),
      output: this.output,
      json: this.jsonEnabled(),
    })
    this.exitWith(exitCode)
    if (!this.jsonEnabled()) await this.#print(report)
    return report
  }

  async #print({imported, unchanged, conflicts, failed}: ImportReport): Promise<void> {
    const counts = Object.entries({imported, unchanged, conflicts, failed})
    const rows = counts.map(([name, number]) => [name, String(number)])
    if (!this.output.terminal) return this.output.rows([], rows)
    await this.output.line(counts.map(([name, number]) => `${number} ${name}`).join(', '))
  }
}
