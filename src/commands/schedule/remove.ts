import {ScheduleCommand, nameArg} from '../../cli/schedules/schedule-command.js'
import {noSuchSchedule} from '../../queue/find-schedules.js'
import {Schedules} from '../../queue/schedules.js'
import type {ScheduleView} from '../../task/schedule-view.js'

export default class ScheduleRemove extends ScheduleCommand {
  static override summary = 'Remove a schedule.'

  static override description = 'The tasks it has added stay. What is printed is the schedule as it was.'

  static override examples = [{description: 'By its name', command: '<%= config.bin %> <%= command.id %> nightly'}]

  static override args = nameArg

  async run(): Promise<ScheduleView> {
    const {args, flags} = await this.parse(ScheduleRemove)
    const {store, record} = await this.findSchedule(args.name, flags)
    const {name, queue} = record.schedule
    if (!(await new Schedules(store, queue).remove(name))) throw noSuchSchedule(name)
    return this.printSchedule({...record, nextAt: null}, 'removed')
  }
}
