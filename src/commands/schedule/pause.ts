import {ScheduleCommand, nameArg} from '../../cli/schedules/schedule-command.js'
import {noSuchSchedule} from '../../queue/find-schedules.js'
import {Schedules} from '../../queue/schedules.js'
import type {ScheduleView} from '../../task/schedule-view.js'

export default class SchedulePause extends ScheduleCommand {
  static override summary = 'Have a schedule add no tasks for now.'

  static override description = 'The tasks it has added stay, and ticks that come meanwhile are past for good.'

  static override examples = [{description: 'By its name', command: '<%= config.bin %> <%= command.id %> nightly'}]

  static override args = nameArg

  async run(): Promise<ScheduleView> {
    const {args, flags} = await this.parse(SchedulePause)
    const {store, record} = await this.findSchedule(args.name, flags)
    const {name, queue} = record.schedule
    const changed = await new Schedules(store, queue).pause(name, true)
    if (!changed) throw noSuchSchedule(name)
    return this.printSchedule(changed, 'paused')
  }
}
