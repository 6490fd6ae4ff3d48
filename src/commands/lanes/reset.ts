import {string as stringArg} from '@oclif/core/args'

import {TorqueCommand} from '../../cli/base-command.js'
import {TorqueError} from '../../errors.js'
import {quote} from '../../task/quote.js'

interface ResetView {
  lanes: {queue: string; flowKey: string}[]
}

export default class LanesReset extends TorqueCommand {
  static override summary = 'Have the tasks of a lane called again at once, and its failures forgotten.'

  static override description =
    'For a target that works again, so that its tasks need not wait for the next try. Off a terminal a lane is a line: queue, TAB, lane.'

  static override examples = [
    {description: 'A target that has been mended', command: '<%= config.bin %> <%= command.id %> http://localhost:8091'},
  ]

  static override args = {
    key: stringArg({description: 'The lane: the origin of its target, or its flow key.', required: true, ignoreStdin: true}),
  }

  async run(): Promise<ResetView> {
    const {args, flags} = await this.parse(LanesReset)
    const {knownQueue} = await import('../../queue/find-tasks.js')
    const store = await this.openStore(flags)
    const queue = await knownQueue(store, flags.queue)
    const queues = queue === undefined ? await store.queueNames() : [queue]
    const reset = await Promise.all(queues.map((name) => store.queue(name).resetLanes([args.key])))
    const lanes = queues.flatMap((name, index) => reset[index]!.map((flowKey) => ({queue: name, flowKey})))
    if (lanes.length === 0)
      throw new TorqueError('no_such_lane', `no lane ${quote(args.key)} is in trouble`, {
        hint: 'torque lanes lists those that are.',
      })
    if (!this.jsonEnabled())
      await this.output.rows(
        [{head: 'QUEUE'}, {head: 'LANE', shrink: true}],
        lanes.map((lane) => [lane.queue, lane.flowKey]),
      )
    return {lanes}
  }
}
