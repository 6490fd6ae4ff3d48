import {boolean, integer} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import {filterFields, filterFlags, spellFlag} from '../cli/input/filter-flags.js'
import {commonFlags, queueFlag, redisFlags} from '../cli/flags.js'

export default class Export extends TorqueCommand {
  static override summary = 'Write tasks as lines of JSON that torque import takes.'

  static override description =
    'Ids, states, due times, errors and attempts are kept, and what idempotency keys stand for. An active task is written as what it is ' +
    'should nobody settle it: waiting again when its lease ends. Nothing is changed.'

  static override examples = [
    {description: 'Everything', command: '<%= config.bin %> <%= command.id %> > backup.ndjson'},
    {
      description: 'What waits for one target, without its history',
      command: '<%= config.bin %> <%= command.id %> --state ready,retrying,scheduled --host api.example.com --no-history',
    },
  ]

  static override enableJsonFlag = false
  // It is a stream: a document is none of its forms.
  static override baseFlags = {
    ...queueFlag('Queue to look in. [default: all]'),
    ...redisFlags,
    ...commonFlags,
  } as typeof TorqueCommand.baseFlags

  static override flags = {
    ...filterFlags('Only tasks in this state; repeatable, or several with commas between. [default: all]'),
    limit: integer({description: 'Most tasks to write. [default: all]', min: 1, helpValue: 'N'}),
    'no-history': boolean({description: 'Leave out the attempts.', default: false}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Export)
    const [{parseFilter}, {knownQueue}, {TaskPages}, {ScanProgress}, {exportLines}, {Interrupt}] = await Promise.all([
      import('../task/parse-filter.js'),
      import('../queue/find-tasks.js'),
      import('../cli/tasks/task-pages.js'),
      import('../cli/terminal/scan-progress.js'),
      import('../cli/tasks/export-lines.js'),
      import('../cli/terminal/interrupt.js'),
    ])
    const filter = parseFilter(filterFields(flags), spellFlag)
    const store = await this.openStore(flags)
    const queue = await knownQueue(store, flags.queue)
    const interrupt = new Interrupt()
    // On the same terminal the lines say it themselves.
    const progress = await ScanProgress.start(store, {queue, filter, enabled: !this.output.terminal, always: true})
    const {limit = Infinity} = flags
    const pages = new TaskPages(store, {queue, filter, limit, signal: interrupt.signal, onPage: progress.update})
    await this.output.ndjson(exportLines(store, pages.records(), {history: !flags['no-history']}))
    progress.end()
    interrupt.stop()
    this.exitWith(interrupt.exitCode)
  }
}
