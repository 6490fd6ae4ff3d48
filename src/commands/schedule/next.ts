import {string as stringArg} from '@oclif/core/args'
import {string} from '@oclif/core/flags'

import {ScheduleCommand} from '../../cli/schedules/schedule-command.js'
import {ticksFlags} from '../../cli/schedules/schedule-flags.js'
import {TorqueError} from '../../errors.js'
import type {Ticking} from '../../task/ticks.js'

/** The `--json` document. Instants are ISO 8601, UTC. */
interface NextTicks {
  ticks: string[]
}

const mostTicks = 1000

export default class ScheduleNext extends ScheduleCommand {
  static override summary = 'Print when a schedule ticks next.'

  static override description =
    'Of a schedule that is there, or of one that --cron or --every describe: that needs no Redis. An instant is a line.'

  static override examples = [
    {description: 'The next five ticks of a schedule', command: '<%= config.bin %> <%= command.id %> nightly'},
    {
      description: 'What an expression means, before it is used',
      command: `<%= config.bin %> <%= command.id %> --cron '30 2 * * SUN' --tz Europe/Berlin -n 3`,
    },
  ]

  static override args = {
    name: stringArg({description: 'Name of the schedule.', ignoreStdin: true}),
  }

  static override flags = {
    ...ticksFlags,
    count: string({char: 'n', description: 'How many.', default: '5', helpValue: 'N'}),
  }

  async run(): Promise<NextTicks> {
    const {args, flags} = await this.parse(ScheduleNext)
    const count = /^[1-9]\d{0,3}$/.test(flags.count) ? Number(flags.count) : Infinity
    if (count > mostTicks) throw usage(`--count must be a whole number from 1 to ${mostTicks}, not ${flags.count}`)
    const {ticking, now} = await this.#ticking(args.name, flags)
    const {nextTicks} = await import('../../task/ticks.js')
    const ticks = nextTicks(ticking, now, count).map((at) => new Date(at).toISOString())
    if (!this.jsonEnabled()) await this.output.write(ticks.map((tick) => `${tick}\n`).join(''))
    return {ticks}
  }

  async #ticking(
    name: string | undefined,
    flags: Parameters<ScheduleCommand['findSchedule']>[1] & {
      cron?: string | undefined
      tz?: string | undefined
      every?: string | undefined
    },
  ): Promise<{ticking: Ticking; now: number}> {
    const described = flags.cron !== undefined || flags.every !== undefined
    if (described === (name !== undefined)) throw usage('name a schedule, or describe one with --cron or --every')
    if (name !== undefined) {
      const {store, record} = await this.findSchedule(name, flags)
      return {ticking: record.schedule.ticking, now: await store.now()}
    }
    const {parseTicking} = await import('../../task/schedule.js')
    const now = Date.now()
    return {ticking: parseTicking(flags, now), now}
  }
}

function usage(message: string): TorqueError {
  return new TorqueError('usage', message, {hint: 'See more help with --help.'})
}
