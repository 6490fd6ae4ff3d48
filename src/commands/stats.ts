import {boolean, string} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import {needFlag} from '../cli/input/need-flag.js'
import {TorqueError} from '../errors.js'
import type {Stats as QueueStats, StatsView} from '../queue/stats.js'

export default class Stats extends TorqueCommand {
  static override summary = 'Count tasks by state, and tell how fast they are delivered, in all and by queue.'

  static override description =
    'Off a terminal the sum (named *) and each queue are lines with TABs between: name, scheduled, ready, active, retrying, dead, ' +
    'delivered, added, succeeded and binned in all, instant at which the first waiting task is due; of the last minute, deliveries and ' +
    'errors per second; of the last five, the 95th percentile of the wait from due to called, and of the call, in ms.'

  static override examples = [
    {description: 'How much waits, how much was binned', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'Watch it change', command: '<%= config.bin %> <%= command.id %> --watch --interval 500ms'},
    {
      description: 'The number of binned tasks',
      command: "<%= config.bin %> <%= command.id %> | awk -F'\\t' '$1 == \"*\" {print $6}'",
    },
  ]

  static override flags = {
    watch: boolean({description: 'Show it live until Ctrl-C.', default: false, exclusive: ['json']}),
    interval: string({description: 'How often --watch looks. [default: 1s]', helpValue: 'DURATION'}),
    ndjson: boolean({description: 'With --watch: print a JSON document each time.', default: false}),
  }

  async run(): Promise<StatsView | undefined> {
    const {flags} = await this.parse(Stats)
    needFlag(flags, 'interval', 'watch')
    needFlag(flags, 'ndjson', 'watch')
    const {parseDuration} = await import('../task/duration.js')
    const intervalMs = parseDuration(flags.interval ?? '1s', {field: 'interval'})
    if (flags.watch && !flags.ndjson && !this.output.terminal) throw notLive()
    const store = await this.openStore(flags)
    const [{knownQueue}, {readStats, statsView}] = await Promise.all([
      import('../queue/find-tasks.js'),
      import('../queue/stats.js'),
    ])
    const queue = await knownQueue(store, flags.queue)
    const read = () => readStats(store, {queue})

    if (flags.watch) return this.#watch({...flags, intervalMs, read})
    const stats = await read()
    if (!this.jsonEnabled()) await this.#print(stats)
    return statsView(stats)
  }

  async #print(stats: QueueStats): Promise<void> {
    if (!this.output.terminal) {
      const {statsLines} = await import('../cli/stats/stats-rows.js')
      return this.output.rows([], statsLines(stats))
    }
    const {statsScreen} = await import('../cli/stats/stats-screen.js')
    const options = {now: Date.now(), width: this.output.width, styles: await this.output.styles()}
    await this.output.write(`${statsScreen(stats, options)}\n`)
  }

  async #watch({
    ndjson,
    intervalMs,
    read,
  }: {
    ndjson: boolean
    intervalMs: number
    read: () => Promise<QueueStats>
  }): Promise<undefined> {
    const {streamStats, watchStats} = await import('../cli/stats/watch-stats.js')
    const options = {intervalMs: Math.max(intervalMs, shortestIntervalMs), output: this.output, read}
    this.exitWith(await (ndjson ? streamStats(options) : watchStats(options)))
  }
}

/** Faster than this nobody reads, and Redis has better things to do. */
const shortestIntervalMs = 100

function notLive(): TorqueError {
  return new TorqueError('usage', '--watch draws on a terminal, and this is none', {
    hint: 'With --ndjson it prints a document each time.',
  })
}
