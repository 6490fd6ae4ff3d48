import {string} from '@oclif/core/flags'

import {BulkCommand} from '../cli/bulk/bulk-command.js'
import type {BulkRequest} from '../cli/bulk/bulk-request.js'

export default class Retry extends BulkCommand {
  static override summary = 'Give dead tasks a new set of attempts, beginning now.'

  static override description =
    'A scheduled or retrying task that is named by id or by --state becomes due now; tasks in other states are skipped. ' +
    'Without an id it asks first, and needs --yes where there is nobody to ask.'

  static override examples = [
    {description: 'Retry one task', command: '<%= config.bin %> <%= command.id %> welcome-1'},
    {description: 'Retry everything that was binned', command: '<%= config.bin %> <%= command.id %> --all'},
    {description: 'See what that would be', command: '<%= config.bin %> <%= command.id %> --all --dry-run'},
    {
      description: 'Retry what ran into its time-out at one target, ten a second',
      command: '<%= config.bin %> <%= command.id %> --host api.example.com --error timeout --rate 10/s --yes',
    },
    {
      description: 'Mend what went to an address that is no more, and retry it',
      command: `<%= config.bin %> <%= command.id %> --url 'http://old.example.com/*' --set url=http://new.example.com/hooks --set 'header=X-Mended: yes' --yes`,
    },
    {
      description: 'Retry what a line of the list says',
      command: '<%= config.bin %> list --state dead | grep invoice | <%= config.bin %> <%= command.id %> -',
    },
  ]

  static override flags = {
    ...BulkCommand.flags,
    rate: string({description: 'Revive at most so many a second (or a minute, an hour).', helpValue: 'N/s|N/m|N/h'}),
    set: string({
      description:
        'Change this of each task on the way: url=URL, header=NAME: VALUE (header=NAME takes it away), timeout=DURATION. Repeatable.',
      helpValue: 'NAME=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
  }

  protected readonly verb = 'retry'
  protected readonly done = 'revived'

  protected override async readOptions({
    rate,
    set,
  }: {
    rate?: string
    set?: string[]
  }): Promise<Pick<BulkRequest, 'perSecond' | 'mend'>> {
    if (rate === undefined && set === undefined) return {}
    const [{parseRate, parseSet}, {taskRules}, {mendTask}] = await Promise.all([
      import('../cli/bulk/retry-options.js'),
      import('../cli/bulk/task-rules.js'),
      import('../task/mend.js'),
    ])
    const changes =
      set &&
      parseSet(
        set,
        taskRules(this.setting('baseTaskUrl'), (name) => this.setting(name)),
      )
    return {
      ...(rate !== undefined && {perSecond: parseRate(rate)}),
      ...(changes && {mend: (task) => mendTask(task, changes)}),
    }
  }
}
