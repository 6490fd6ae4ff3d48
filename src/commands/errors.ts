import {integer} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import type {FailureView} from '../cli/tasks/failure-rows.js'
import {contentFlags, filterFields, filterFlags, spellFlag} from '../cli/input/filter-flags.js'
import {placeOf} from '../cli/redis/place.js'
import type {TaskState} from '../task/task.js'

interface ErrorsReport {
  groups: FailureView[]
}

/** What has failed and is not delivered yet. */
const failing: readonly TaskState[] = ['retrying', 'dead']

export default class Errors extends TorqueCommand {
  static override summary = 'Group failures by origin, status and error, with the line that retries each group.'

  static override description =
    'By how the newest attempt of each dead and retrying task ended. Off a terminal a group is a line with TABs between: number of tasks, ' +
    'queue, origin, status, error, first seen, last seen, id of a sample, its message, and the command that retries exactly this group.'

  static override examples = [
    {description: 'What fails, and how to retry it', command: '<%= config.bin %> <%= command.id %>'},
    {
      description: 'What was binned in the last hour',
      command: '<%= config.bin %> <%= command.id %> --state dead --newer-than 1h',
    },
    {description: 'The commands alone', command: `<%= config.bin %> <%= command.id %> | cut -f 10`},
  ]

  static override flags = {
    ...filterFlags('In this state; repeatable, or several with commas between. [default: retrying,dead]'),
    limit: integer({description: 'Most groups to show, the largest.', default: 50, min: 1, helpValue: 'N'}),
  }

  async run(): Promise<ErrorsReport> {
    const {flags} = await this.parse(Errors)
    const [{parseFilter}, {knownQueue}, {TaskPages}, {Failures}, {ScanProgress}, {failureView}] = await Promise.all([
      import('../task/parse-filter.js'),
      import('../queue/find-tasks.js'),
      import('../cli/tasks/task-pages.js'),
      import('../task/failures.js'),
      import('../cli/terminal/scan-progress.js'),
      import('../cli/tasks/failure-rows.js'),
    ])
    const filter = {states: failing, ...parseFilter(filterFields(flags), spellFlag)}
    const store = await this.openStore(flags)
    const queue = await knownQueue(store, flags.queue)
    const progress = await ScanProgress.start(store, {queue, filter, enabled: !this.jsonEnabled(), always: true})
    const failures = new Failures()
    for await (const record of new TaskPages(store, {queue, filter, limit: Infinity, onPage: progress.update}).records()) {
      failures.add(record)
    }
    progress.end()
    const given = Object.fromEntries(Object.keys(contentFlags).map((name) => [name, flags[name as keyof typeof contentFlags]]))
    const options = {flags: given, place: placeOf(flags)}
    const groups = failures
      .groups()
      .slice(0, flags.limit)
      .map((group) => failureView(group, options))
    if (!this.jsonEnabled()) await this.#print(groups)
    return {groups}
  }

  async #print(groups: FailureView[]): Promise<void> {
    const {failureCells, failureColumns, failureLine} = await import('../cli/tasks/failure-rows.js')
    if (!this.output.terminal) return this.output.rows([], groups.map(failureLine))
    const now = Date.now()
    await this.output.rows(
      failureColumns,
      groups.map((group) => failureCells(group, now)),
      {empty: 'No failures.'},
    )
    const lines = groups.flatMap(({retry}) => retry ?? [])
    if (lines.length === 0) return
    this.output.note('\nTo retry them, in the same order:')
    for (const line of lines) await this.output.line(line)
  }
}
