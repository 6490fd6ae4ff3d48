import {BulkCommand} from '../cli/bulk-command.js'

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
      description: 'Retry what ran into its time-out',
      command: `<%= config.bin %> list --state dead --limit 100000 | awk -F'\\t' '$11 == "timeout"' | <%= config.bin %> <%= command.id %> -`,
    },
  ]

  protected readonly verb = 'retry'
  protected readonly done = 'revived'
}
