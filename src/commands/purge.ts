import {BulkCommand} from '../cli/bulk/bulk-command.js'

export default class Purge extends BulkCommand {
  static override summary = 'Delete tasks.'

  static override description =
    'A task that is active is deleted only by id or with --state active: its call is not aborted, its outcome finds nothing to change. ' +
    'Without an id it asks first, and needs --yes where there is nobody to ask.'

  static override examples = [
    {description: 'Delete one task', command: '<%= config.bin %> <%= command.id %> welcome-1'},
    {
      description: 'Delete what was binned more than a month ago',
      command: '<%= config.bin %> <%= command.id %> --older-than 30d --yes',
    },
    {
      description: "See how many of one customer's tasks there are",
      command: '<%= config.bin %> <%= command.id %> --state all --param customer=4711 --dry-run',
    },
    {description: 'Delete all that waits', command: '<%= config.bin %> <%= command.id %> --state scheduled,ready,retrying --yes'},
  ]

  protected readonly verb = 'purge'
  protected readonly done = 'purged'
}
