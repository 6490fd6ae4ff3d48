import {TorqueCommand} from '../../cli/base-command.js'
import type {ScheduleView} from '../../task/schedule-view.js'

export default class ScheduleList extends TorqueCommand {
  static override summary = 'List the schedules.'

  static override description =
    'Off a terminal a schedule is a line with TABs between: name, queue, when, running or paused, next tick, last tick, id of its task, ' +
    'tasks added, URL.'

  static override examples = [{description: 'See what comes when', command: '<%= config.bin %> <%= command.id %>'}]

  async run(): Promise<{schedules: ScheduleView[]}> {
    const {flags} = await this.parse(ScheduleList)
    const [{listSchedules}, {knownQueue}, {scheduleView}] = await Promise.all([
      import('../../queue/find-schedules.js'),
      import('../../queue/find-tasks.js'),
      import('../../task/schedule-view.js'),
    ])
    const store = await this.openStore(flags)
    const records = await listSchedules(store, await knownQueue(store, flags.queue))
    if (!this.jsonEnabled()) {
      const {scheduleCells, scheduleColumns, scheduleLine} = await import('../../cli/schedules/schedule-rows.js')
      const now = Date.now()
      const rows = records.map((record) => (this.output.terminal ? scheduleCells(record, now) : scheduleLine(record)))
      await this.output.rows(scheduleColumns, rows, {empty: 'No schedules.'})
    }
    return {schedules: records.map(scheduleView)}
  }
}
