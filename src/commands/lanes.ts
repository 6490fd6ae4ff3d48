import {TorqueCommand} from '../cli/base-command.js'
import type {LaneView} from '../queue/queue-view.js'

export default class Lanes extends TorqueCommand {
  static override summary =
    'List the lanes that something holds back: trouble of their target, their rate, or that they are full.'

  static override description =
    'A lane is the tasks of one queue for one target. Off a terminal a lane is a line with TABs between: queue, lane, aside, failing or ' +
    'limited, until when it is set aside, when its rate lets the next call begin, failures in a row, tasks waiting, of these due, active.'

  static override examples = [
    {description: 'Which targets are in trouble', command: '<%= config.bin %> <%= command.id %>'},
    {
      description: 'Those that are set aside, for a script',
      command: "<%= config.bin %> <%= command.id %> | awk -F'\\t' '$3 == \"aside\" {print $2}'",
    },
  ]

  async run(): Promise<{lanes: LaneView[]}> {
    const {flags} = await this.parse(Lanes)
    const [{knownQueue}, {laneView}] = await Promise.all([import('../queue/find-tasks.js'), import('../queue/queue-view.js')])
    const store = await this.openStore(flags)
    const lanes = (await store.limits.lanes(await knownQueue(store, flags.queue))).map(laneView)
    if (!this.jsonEnabled()) {
      const {laneCells, laneColumns, laneLine} = await import('../cli/queues/queue-rows.js')
      const now = Date.now()
      const rows = lanes.map((lane) => (this.output.terminal ? laneCells(lane, now) : laneLine(lane)))
      await this.output.rows(laneColumns, rows, {empty: 'Nothing is held back.'})
    }
    return {lanes}
  }
}
