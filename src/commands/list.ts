import {boolean, integer, string} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import {filterFields, filterFlags, spellFlag} from '../cli/input/filter-flags.js'
import type {ScanProgress} from '../cli/terminal/scan-progress.js'
import type {TaskPages} from '../cli/tasks/task-pages.js'
import type {TaskView} from '../task/view.js'

interface TaskPage {
  tasks: TaskView[]
  cursor: string | null
}

export default class List extends TorqueCommand {
  static override summary = 'List tasks, state by state.'

  static override description =
    'Active tasks come first, by id; then retrying, ready and scheduled ones, by due time; then dead and delivered ones, newest first. ' +
    'Off a terminal a task is a line with TABs between: id, queue, state, method, url, createdAt, dueAt, endedAt, attempt, errors, last error.'

  static override examples = [
    {description: 'What is in the queues', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'What has been binned', command: '<%= config.bin %> <%= command.id %> --state dead'},
    {
      description: 'What a target has refused in the last hour',
      command: '<%= config.bin %> <%= command.id %> --state dead --host api.example.com --status 5xx --newer-than 1h',
    },
    {
      description: "One customer's tasks",
      command: '<%= config.bin %> <%= command.id %> --param customer=4711 --limit 1000',
    },
    {
      description: 'Everything that waits, for a script',
      command: '<%= config.bin %> <%= command.id %> --state ready,retrying,scheduled --ndjson --limit 100000',
    },
  ]

  static override flags = {
    ...filterFlags('Only tasks in this state; repeatable, or several with commas between. [default: all]'),
    limit: integer({description: 'Most tasks to list.', default: 50, min: 1, helpValue: 'N'}),
    cursor: string({description: 'Go on where an earlier page ended.'}),
    ndjson: boolean({description: 'Print one JSON document per task, as they come.', default: false, exclusive: ['json']}),
  }

  async run(): Promise<TaskPage | undefined> {
    const {flags} = await this.parse(List)
    const [{parseFilter}, {knownQueue}, {TaskPages}, {ScanProgress}] = await Promise.all([
      import('../task/parse-filter.js'),
      import('../queue/find-tasks.js'),
      import('../cli/tasks/task-pages.js'),
      import('../cli/terminal/scan-progress.js'),
    ])
    const filter = parseFilter(filterFields(flags), spellFlag)
    const store = await this.openStore(flags)
    const queue = await knownQueue(store, flags.queue)
    const progress = await ScanProgress.start(store, {queue, filter, enabled: !this.jsonEnabled()})
    const pages = new TaskPages(store, {queue, filter, limit: flags.limit, cursor: flags.cursor, onPage: progress.update})

    if (this.jsonEnabled()) return {tasks: await collect(pages), cursor: pages.cursor}
    await (flags.ndjson ? this.output.ndjson(progress.over(pages.tasks())) : this.#print(pages, progress))
    return undefined
  }

  async #print(pages: TaskPages, progress: ScanProgress): Promise<void> {
    const {taskCells, taskColumns, taskLine} = await import('../cli/tasks/task-rows.js')
    if (!this.output.terminal) {
      for await (const task of progress.over(pages.tasks())) await this.output.rows([], [taskLine(task)])
      return
    }
    const tasks = await collect(pages)
    progress.end()
    const now = Date.now()
    await this.output.rows(
      taskColumns,
      tasks.map((task) => taskCells(task, now)),
      {empty: 'No tasks.'},
    )
    if (pages.cursor) this.output.note(`There are more: --cursor ${pages.cursor}`)
  }
}

async function collect(pages: TaskPages): Promise<TaskView[]> {
  const tasks: TaskView[] = []
  for await (const task of pages.tasks()) tasks.push(task)
  return tasks
}
