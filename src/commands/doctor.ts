import {boolean} from '@oclif/core/flags'

import {TorqueCommand} from '../cli/base-command.js'
import type {Diagnosis} from '../queue/doctor/doctor.js'

export default class Doctor extends TorqueCommand {
  static override summary = 'Look for what may lose or hold up tasks.'

  static override description =
    'Looks at the Redis server (persistence, eviction, memory, version, clock, replicas) and at every task and lane, in short ' +
    'steps, while others work on them. Exit 0 when it finds nothing but notes, or has mended the rest; 1 when something is left. ' +
    'Off a terminal a finding is a line with TABs between: level, code, queue, count, mended or open, message, remedy.'

  static override examples = [
    {description: 'Look', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'Put right what is safe to put right', command: '<%= config.bin %> <%= command.id %> --repair'},
  ]

  static override flags = {
    repair: boolean({description: 'Put right what is safe to put right, and say so.', default: false}),
  }

  async run(): Promise<Diagnosis> {
    const {flags} = await this.parse(Doctor)
    const store = await this.openStore(flags)
    const [{knownQueue}, {diagnose}, {Progress}] = await Promise.all([
      import('../queue/find-tasks.js'),
      import('../queue/doctor/doctor.js'),
      import('../cli/terminal/progress.js'),
    ])
    const queue = await knownQueue(store, flags.queue)
    const progress = new Progress(process.stderr, {enabled: !this.jsonEnabled()})
    const look = (tasks: number) => progress.update(`${tasks} tasks looked at`)
    const diagnosis = await diagnose(store, {queue, repair: flags.repair, progress: look})
    progress.end()
    if (!this.jsonEnabled()) await this.#print(diagnosis)
    if (!diagnosis.healthy) this.exitWith(1)
    return diagnosis
  }

  async #print({findings, tasks}: Diagnosis): Promise<void> {
    const {findingLines, findingText} = await import('../cli/redis/finding-rows.js')
    if (!this.output.terminal) return this.output.rows([], findings.map(findingLines))
    const styles = await this.output.styles()
    await this.output.write(findings.map((finding) => findingText(finding, styles)).join(''))
    this.output.note(`${findings.length === 0 ? 'Nothing to report.' : ''} ${tasks} tasks looked at.`.trim())
  }
}
