import {ResultCommand} from '../cli/base-command.js'
import {backoffOf, maxErrorsOf, retryFlags} from '../cli/serve/retry-flags.js'
import type {RetrySchedule} from '../task/retry-schedule.js'

export default class BackoffCommand extends ResultCommand {
  static override summary = 'Print when a task that keeps failing is tried again.'

  static override description =
    'What the flags of the same names mean on `torque serve`: the wait after each error, how far jitter may move it, and how long after ' +
    'the first attempt that is, calls taking no time. Off a terminal an error is a line with TABs between, lengths in ms: its number, ' +
    'wait, least, most, time from the first attempt, least, most. The last error bins the task.'

  static override examples = [
    {description: 'The defaults', command: '<%= config.bin %> <%= command.id %>'},
    {
      description: 'Something gentler, before it is used',
      command: '<%= config.bin %> <%= command.id %> --min-backoff 30s --backoff-factor 2 --max-backoff 1h --max-task-errors 6',
    },
  ]

  static override flags = retryFlags('DELIVERY')

  async run(): Promise<RetrySchedule> {
    const {flags} = await this.parseWithFiles(BackoffCommand)
    const maxErrors = maxErrorsOf(this.setting('maxTaskErrors', flags['max-task-errors']))
    const {retrySchedule} = await import('../task/retry-schedule.js')
    const schedule = retrySchedule(backoffOf(flags), maxErrors)
    if (!this.jsonEnabled()) await this.#print(schedule)
    return schedule
  }

  async #print(schedule: RetrySchedule): Promise<void> {
    const {retryCells, retryColumns, retryLines} = await import('../cli/serve/retry-rows.js')
    await this.output.rows(retryColumns, this.output.terminal ? retryCells(schedule) : retryLines(schedule))
  }
}
