import {string as stringArg} from '@oclif/core/args'
import {string} from '@oclif/core/flags'

import {taskFlags} from '../../cli/add/add-flags.js'
import {queueFlag} from '../../cli/flags.js'
import {ScheduleCommand, nameArg} from '../../cli/schedules/schedule-command.js'
import {policyFlags, ticksFlags} from '../../cli/schedules/schedule-flags.js'
import type {ScheduleView} from '../../task/schedule-view.js'

/** A tick decides these for its task. */
const {
  delay: _delay,
  at: _at,
  id: _id,
  'idempotency-key': _key,
  unique: _unique,
  replace: _replace,
  traceparent: _parent,
  tracestate: _state,
  ...tickTaskFlags
} = taskFlags

export default class ScheduleAdd extends ScheduleCommand {
  static override summary = 'Add a schedule, or change the one of its name.'

  static override description =
    'Each tick adds one task, however many serves run, with the id NAME-TICK. A changed schedule keeps its pause, and where it ticks as ' +
    'before, what it waits for. Off a terminal the result is a line with TABs between: name, queue, when, running or paused, next tick, ' +
    'last tick, id of its task, tasks added, URL.'

  static override examples = [
    {
      description: 'Call a hook each night, by the clocks of Berlin',
      command: `<%= config.bin %> <%= command.id %> nightly --cron '0 3 * * *' --tz Europe/Berlin http://localhost:8091/report`,
    },
    {
      description: 'Twice a minute, unless the last task has not ended',
      command: '<%= config.bin %> <%= command.id %> sync --every 30s --overlap skip http://localhost:8091/sync --param full=no',
    },
  ]

  static override args = {
    ...nameArg,
    url: stringArg({description: 'What to call.', ignoreStdin: true}),
  }

  static override flags = {
    ...ticksFlags,
    ...policyFlags,
    ...tickTaskFlags,
    ...queueFlag('Queue its tasks are added to. [default: default]'),
    'base-task-url': string({
      description: 'What a relative URL is relative to. [env: TORQUE_BASE_TASK_URL]',
      helpValue: 'URL',
    }),
  }

  async run(): Promise<ScheduleView> {
    const {args, flags} = await this.parse(ScheduleAdd)
    const [{taskFields}, {EgressPolicy}, {newSchedule}, {Schedules}] = await Promise.all([
      import('../../cli/add/task-fields.js'),
      import('../../task/address.js'),
      import('../../task/schedule.js'),
      import('../../queue/schedules.js'),
    ])
    const {cron, tz, every, overlap, 'catch-up': catchUp} = flags
    const options = {
      baseTaskUrl: this.setting('baseTaskUrl', flags['base-task-url']),
      // What no policy allows is refused now; the policy in force is that of `serve`, when it calls.
      egress: new EgressPolicy({mode: 'internal'}),
    }
    const make = async (now: number) =>
      newSchedule(args.name, {cron, tz, every, catchUp, overlap}, await taskFields(args.url, flags), {...options, now})
    // Only a schedule that is right needs a connection; what it counts from is the time of Redis.
    const checked = await make(Date.now())
    const store = await this.openStore(flags)
    const now = await store.now()
    const schedule = 'everyMs' in checked.ticking ? {...checked, ticking: {...checked.ticking, from: now}} : checked
    return this.printSchedule(await new Schedules(store, schedule.queue).put(schedule), 'scheduled')
  }
}
