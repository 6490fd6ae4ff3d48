import {ScheduleCommand, nameArg} from '../../cli/schedules/schedule-command.js'
import {noSuchSchedule} from '../../queue/find-schedules.js'
import {Schedules} from '../../queue/schedules.js'
import type {ScheduleView} from '../../task/schedule-view.js'

export default class ScheduleResume extends ScheduleCommand {
  static override summary = 'Have a paused schedule go on.'

  static override description = 'It goes on with the next tick from now; those of its pause are past.'

  static override examples = [{description: 'By its name', command: '<%= config.bin %> <%= command.id %> nightly'}]

  static override args = nameArg

  async run(): Promise<ScheduleView> {
    const {args, flags} = await this.parse(ScheduleResume)
    const {store, record} = await this.findSchedule(args.name, flags)
    const {name, queue} = record.schedule
    const changed = await new Schedules(store, queue).pause(name, false)
    if (!changed) throw noSuchSchedule(name)
    return this.printSchedule(changed, 'resumed')
  }
}
