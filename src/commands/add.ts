import {string as stringArg} from '@oclif/core/args'

import {addFlags, taskFlags} from '../cli/add/add-flags.js'
import type {AddReport} from '../cli/add/add-report.js'
import {TorqueCommand} from '../cli/base-command.js'
import type {RedisFlags} from '../cli/flags.js'
import {needFlag} from '../cli/input/need-flag.js'
import type {TaskDoor, TaskProgress} from '../cli/add/task-door.js'
import {TorqueError} from '../errors.js'
import type {Store} from '../queue/store.js'
import type {TaskFields} from '../task/fields.js'
import type {AddView} from '../task/view.js'

/** With `--wait`, how far it has come, and why it is not known to be delivered. */
type Added = AddView & Partial<TaskProgress> & {dryRun?: true; error?: object}

interface DoorFlags extends RedisFlags {
  server?: string | undefined
  'base-task-url'?: string | undefined
  'ack-replicas'?: string | undefined
  'dry-run': boolean
}

interface FromFlags extends DoorFlags {
  queue?: string | undefined
  quiet: boolean
  ndjson: boolean
}

export default class Add extends TorqueCommand {
  static override summary = 'Add a task: a web hook to call, now or later.'

  static override description =
    'Off a terminal the result is a line with TABs between: id, queue, state, instant at which it is due, whether it had been added before. ' +
    'A dry run leaves the id empty. With --from each line of the file gets such a line, with its number in front and the error that kept it out at the end.'

  static override examples = [
    {
      description: 'Call a hook as soon as possible',
      command: '<%= config.bin %> <%= command.id %> http://localhost:8091/hello --param a=1',
    },
    {
      description: 'In two minutes, with an id of your own',
      command: `<%= config.bin %> <%= command.id %> http://localhost:8091/hello --params '{"foo": "somevalue", "baz": 99}' --delay 2m --id welcome-1`,
    },
    {
      description: 'Send JSON, and wait for the outcome',
      command: `<%= config.bin %> <%= command.id %> http://localhost:8091/hello --json-body '[1, 2]' --wait --wait-timeout 30s`,
    },
    {
      description: 'Try again after 5 s, a minute and then each hour for a day, but not after a 400 or 422',
      command: '<%= config.bin %> <%= command.id %> http://localhost:8091/hello --waits 5s,1m,1h --max-age 1d --no-retry 400,422',
    },
    {
      description: 'Call once things have been quiet for 30 s: each such add puts the call off again',
      command: '<%= config.bin %> <%= command.id %> http://localhost:8091/reindex --replace reindex --delay 30s',
    },
    {
      description: 'Add the tasks of a file, one JSON object a line',
      command: '<%= config.bin %> <%= command.id %> --from tasks.ndjson',
    },
  ]

  static override usage = ['<%= command.id %> [URL] [FLAGS]', '<%= command.id %> --from FILE|- [FLAGS]']

  static override args = {
    url: stringArg({description: 'What to call.', ignoreStdin: true}),
  }

  static override flags = {...taskFlags, ...addFlags}

  async run(): Promise<Added | AddReport> {
    const {args, flags} = await this.parse(Add)
    needFlag(flags, 'ndjson', 'from')
    needFlag(flags, 'wait-timeout', 'wait')
    if (flags.from !== undefined) return this.#addFrom(flags.from, args.url, flags)
    const [{taskFields}, {parseDuration}] = await Promise.all([
      import('../cli/add/task-fields.js'),
      import('../task/duration.js'),
    ])
    const waitTimeout = flags['wait-timeout']
    const timeoutMs = waitTimeout === undefined ? undefined : parseDuration(waitTimeout, {field: 'wait-timeout'})
    const door = await this.#openDoor(flags)
    const added = await addOne(door, await taskFields(args.url, flags), flags.server)
    // Before any waiting: whatever becomes of that, whoever asked has the id of what is queued.
    if (!this.jsonEnabled()) await this.#print(added, flags)
    if (flags.wait) return this.#wait(door, added, timeoutMs)
    return {...added, ...(flags['dry-run'] && {dryRun: true as const})}
  }

  async #wait(door: TaskDoor, added: AddView, timeoutMs: number | undefined): Promise<Added> {
    const [{waitForTask}, {Interrupt}] = await Promise.all([
      import('../cli/add/wait-for-task.js'),
      import('../cli/terminal/interrupt.js'),
    ])
    const interrupt = new Interrupt()
    const {progress, error} = await waitForTask(door, added, {timeoutMs, signal: interrupt.signal})
    interrupt.stop()
    if (error && !this.jsonEnabled()) throw error
    this.exitWith(interrupt.exitCode || (error?.exitCode ?? 0))
    if (progress?.state === 'delivered' && this.output.terminal && !this.jsonEnabled())
      this.output.note(`${added.id} is delivered`)
    return {...added, ...progress, ...error?.toJSON()}
  }

  async #print(added: Added, {quiet, 'dry-run': dryRun}: {quiet: boolean; 'dry-run': boolean}): Promise<void> {
    if (quiet) return dryRun ? undefined : this.output.line(added.id)
    const {addedCells, describeAdded} = await import('../cli/add/add-output.js')
    if (this.output.terminal) return this.output.line(describeAdded(added, {dryRun}))
    await this.output.rows([], [addedCells(added, {dryRun})])
  }

  async #addFrom(file: string, url: string | undefined, flags: FromFlags): Promise<AddReport> {
    const described = url !== undefined || Object.keys(taskFlags).some((name) => name in flags)
    if (described) throw new TorqueError('usage', 'with --from each line describes its task: no URL and no flag does')
    const format = this.jsonEnabled() ? 'json' : flags.ndjson ? 'ndjson' : flags.quiet ? 'ids' : 'lines'
    const {addFromFile} = await import('../cli/add/add-from-file.js')
    const door = await this.#openDoor(flags)
    const options = {door, queue: flags.queue, output: this.output, format, dryRun: flags['dry-run']} as const
    const {report, exitCode} = await addFromFile(file, options)
    this.exitWith(exitCode)
    return report
  }

  async #openDoor(flags: DoorFlags): Promise<TaskDoor> {
    const [{DryRunDoor, StoreDoor}, {taskRules}] = await Promise.all([
      import('../cli/add/store-door.js'),
      import('../cli/bulk/task-rules.js'),
    ])
    const options = taskRules(this.setting('baseTaskUrl', flags['base-task-url']), (name) => this.setting(name))
    if (flags['dry-run']) return new DryRunDoor(options)
    if (flags.server !== undefined) {
      const {RemoteTasks} = await import('../client/remote-tasks.js')
      return new RemoteTasks({url: flags.server, urlFrom: '--server'})
    }
    const {ackReplicasOf} = await import('../cli/redis/locate-redis.js')
    const ackReplicas = ackReplicasOf(this.setting('ackReplicas', flags['ack-replicas']))
    let store: Promise<Store> | undefined
    return new StoreDoor({...options, store: () => (store ??= this.openStore(flags, {ackReplicas}))})
  }
}

async function addOne(door: TaskDoor, fields: TaskFields, server: string | undefined): Promise<AddView> {
  try {
    const [result] = await door.add([fields])
    if (result === undefined) throw new TorqueError('internal', 'no answer came for the task')
    if (result instanceof TorqueError) throw result
    return result
  } catch (error) {
    if (!(error instanceof TorqueError)) throw error
    const {addError} = await import('../cli/add/add-error.js')
    throw addError(error, {fields, server})
  }
}
