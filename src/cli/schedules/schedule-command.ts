import {string as stringArg} from '@oclif/core/args'

import type {Store} from '../../queue/store.js'
import type {ScheduleRecord} from '../../task/schedule.js'
import type {ScheduleView} from '../../task/schedule-view.js'
import {TorqueCommand} from '../base-command.js'
import type {RedisFlags} from '../flags.js'

export const nameArg = {
  name: stringArg({description: 'Name of the schedule.', required: true, ignoreStdin: true}),
}

/** A command about one schedule: finds it, does its verb, and shows where the schedule stands then. */
export abstract class ScheduleCommand extends TorqueCommand {
  protected async findSchedule(
    name: string,
    flags: RedisFlags & {queue?: string | undefined},
  ): Promise<{store: Store; record: ScheduleRecord}> {
    const [{findSchedule}, {knownQueue}] = await Promise.all([
      import('../../queue/find-schedules.js'),
      import('../../queue/find-tasks.js'),
    ])
    const store = await this.openStore(flags)
    return {store, record: await findSchedule(store, name, await knownQueue(store, flags.queue))}
  }

  /** Off a terminal a line, on it a word and when the next tick comes. */
  protected async printSchedule(record: ScheduleRecord, done: string): Promise<ScheduleView> {
    const [{scheduleLine}, {scheduleView}] = await Promise.all([
      import('./schedule-rows.js'),
      import('../../task/schedule-view.js'),
    ])
    if (this.jsonEnabled()) return scheduleView(record)
    if (this.output.terminal) {
      const next = record.nextAt === null ? '' : `; next tick ${new Date(record.nextAt).toISOString()}`
      await this.output.line(`${done} ${record.schedule.name}${next}`)
    } else await this.output.rows([], [scheduleLine(record)])
    return scheduleView(record)
  }
}
