import {integer, string} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import type {Checked} from '../task/check.js'

/** The `--json` document. */
interface CheckResult {
  ok: boolean
  checks: Checked[]
}

const most = (description: string) => integer({description, min: 0, helpValue: 'N'})
const longest = (description: string) => string({description, helpValue: 'DURATION'})

export default class Check extends TorqueCommand {
  static override summary = 'Hold the queues against limits, for cron, probes and monitoring.'

  static override description =
    'Exit 0 when all is within its limits, 5 when one is crossed, 69 when Redis cannot be reached. That a serve runs is checked always, ' +
    'unless --serves 0. Off a terminal a check is a line with TABs between: ok or crossed, name, value, limit; lengths are ms, the error rate a ' +
    'share of 1. Rates and percentiles are those of the last five minutes.'

  static override examples = [
    {
      description: 'For cron: mail me when something is wrong',
      command: '<%= config.bin %> <%= command.id %> --oldest-due 5m --dead 0 --error-rate 5%',
    },
    {description: 'For a container: is it up', command: '<%= config.bin %> <%= command.id %>'},
  ]

  static override flags = {
    'oldest-due': longest('The first waiting task may have been due at most this long.'),
    dead: most('At most so many dead tasks.'),
    ready: most('At most so many tasks that are due and were never tried.'),
    retrying: most('At most so many tasks that have failed and wait.'),
    'error-rate': string({description: 'At most this share of attempts may fail: 5% or 0.05.', helpValue: 'SHARE'}),
    'wait-p99': longest('99 of 100 calls must begin at most this long after they are due.'),
    'call-p99': longest('99 of 100 calls must end within this time.'),
    serves: integer({description: 'At least so many serve processes.', min: 0, default: 1, helpValue: 'N'}),
  }

  async run(): Promise<CheckResult> {
    const {flags} = await this.parse(Check)
    const [{readThresholds, vitalsOf}, {check}, {knownQueue}, {readStats}] = await Promise.all([
      import('../cli/stats/check-flags.js'),
      import('../task/check.js'),
      import('../queue/find-tasks.js'),
      import('../queue/stats.js'),
    ])
    const thresholds = readThresholds(flags)
    const store = await this.openStore(flags)
    const stats = await readStats(store, {queue: await knownQueue(store, flags.queue)})
    const checks = check(vitalsOf(stats, await store.now()), thresholds)
    const ok = checks.every((each) => each.ok)
    if (!this.jsonEnabled()) await this.#print(checks)
    if (!ok) this.exitWith(5)
    return {ok, checks}
  }

  async #print(checks: readonly Checked[]): Promise<void> {
    const {checkCells, checkColumns} = await import('../cli/stats/check-rows.js')
    await this.output.rows(
      checkColumns,
      checks.map((each) => checkCells(each, {people: this.output.terminal})),
    )
  }
}
