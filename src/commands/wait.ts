import {string} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import type {AwaitedTask} from '../cli/tasks/wait-for-tasks.js'

export default class Wait extends TorqueCommand {
  static override summary = 'Wait until tasks are delivered.'

  static override description =
    'Exit 0 when all are delivered, 5 when one is dead, 124 when the time is up. Off a terminal a task is a line, once it is known how ' +
    'it ends, with TABs between: id, queue, state, attempt, errors, last error.'

  static override examples = [
    {description: 'Wait for a task', command: '<%= config.bin %> <%= command.id %> welcome-1 --timeout 1m'},
    {
      description: 'Add tasks, and wait for all of them',
      command: '<%= config.bin %> add --from tasks.ndjson --quiet | <%= config.bin %> <%= command.id %> -',
    },
  ]

  static override strict = false

  static override usage = ['<%= command.id %> ID... [FLAGS]', '<%= command.id %> - [FLAGS]']

  static override flags = {
    timeout: string({description: 'Wait at most this long (exit 124).', helpValue: 'DURATION'}),
  }

  async run(): Promise<{tasks: AwaitedTask[]}> {
    const {argv, flags} = await this.parse(Wait)
    const [{parseDuration}, {readIds}, {waitForTasks}, {Interrupt}] = await Promise.all([
      import('../task/duration.js'),
      import('../cli/input/read-ids.js'),
      import('../cli/tasks/wait-for-tasks.js'),
      import('../cli/terminal/interrupt.js'),
    ])
    const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout, {field: 'timeout'})
    const ids = await readIds(argv as string[], 'name the tasks to wait for, or - to read their ids')
    const store = await this.openStore(flags)
    const interrupt = new Interrupt()
    const ended = this.jsonEnabled() ? undefined : (task: AwaitedTask) => this.#print(task)
    const {tasks, exitCode} = await waitForTasks(store, ids, {queue: flags.queue, timeoutMs, signal: interrupt.signal, ended})
    interrupt.stop()
    this.exitWith(interrupt.exitCode || exitCode)
    return {tasks}
  }

  #print({id, queue, state, attempt, errors, lastError}: AwaitedTask): Promise<void> {
    const cells = [id, queue ?? '', state ?? 'unknown', String(attempt ?? ''), String(errors ?? ''), lastError?.code ?? '']
    if (!this.output.terminal) return this.output.rows([], [cells])
    const why = lastError && state !== 'delivered' ? `: ${lastError.message ?? lastError.code}` : ''
    return this.output.line(`${id} is ${state ?? 'not known'}${why}`)
  }
}
