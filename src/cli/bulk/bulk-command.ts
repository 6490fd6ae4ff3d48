import {string as stringArg} from '@oclif/core/args'
import {boolean, integer} from '@oclif/core/flags'

import type {BulkVerb} from '../../queue/bulk.js'
import {TorqueCommand} from '../base-command.js'
import type {BulkEnd, BulkReport} from './bulk.js'
import type {BulkRequest} from './bulk-request.js'
import {filterFlags} from '../input/filter-flags.js'
import {queueFlag} from '../flags.js'

/** What `retry` and `purge` take and do alike: tasks by id, from the standard input, by filter or all of them. */
export abstract class BulkCommand extends TorqueCommand {
  static override args = {
    ids: stringArg({
      description: 'Ids of tasks; - reads them from the standard input, one a line, up to its first TAB.',
      multiple: true,
      ignoreStdin: true,
    }),
  }

  static override flags = {
    ...queueFlag('Queue of the tasks. [default: all for ids, "default" otherwise]'),
    all: boolean({description: 'All dead tasks of the queue, or all in the states of --state.', default: false}),
    ...filterFlags('In this state; repeatable, or several with commas between. [default: dead]'),
    limit: integer({description: 'Most tasks to take.', min: 1, helpValue: 'N'}),
    'dry-run': boolean({description: 'Say what would be done, and do nothing.', default: false}),
    yes: boolean({char: 'y', description: 'Do it without asking.', default: false}),
  }

  protected abstract readonly verb: BulkVerb
  /** What has happened to a task, for people: `revived`. */
  protected abstract readonly done: string

  async run(): Promise<BulkReport> {
    // Named one by one, because oclif takes only what the class has itself, not what it inherits.
    const {args, baseFlags} = BulkCommand
    const flags = this.ctor.flags as typeof BulkCommand.flags
    const {argv, flags: given} = await this.parse({args, flags, baseFlags, enableJsonFlag: true})
    const [{bulk}, {readRequest}] = await Promise.all([import('./bulk.js'), import('./bulk-request.js')])
    const request = {...(await this.readOptions(given)), ...(await readRequest(this.verb, argv as string[], given))}
    const store = await this.openStore(given)
    const end = await bulk(store, request, {verb: this.verb, output: this.output, json: this.jsonEnabled()})
    this.exitWith(end.exitCode)
    if (!this.jsonEnabled()) await this.#print(end)
    return end.report
  }

  /** What the verb takes beside that. */
  protected readOptions(_flags: object): Promise<Pick<BulkRequest, 'perSecond' | 'mend'>> {
    return Promise.resolve({})
  }

  async #print({report, notes}: BulkEnd): Promise<void> {
    for (const note of notes) this.output.note(note)
    const {matched, changed, skipped, failed, dryRun} = report
    if (!this.output.terminal) {
      const fields = Object.entries({matched, changed, skipped, failed, dryRun})
      return this.output.rows(
        [],
        fields.map(([name, value]) => [name, String(value)]),
      )
    }
    const {count} = await import('../terminal/format.js')
    const rest = [...(skipped > 0 ? [`${skipped} skipped`] : []), ...(failed > 0 ? [`${failed} failed`] : [])]
    const text = dryRun
      ? `${count(matched, 'task')} would be ${this.done}`
      : `${this.done} ${changed} of ${count(matched, 'task')}`
    await this.output.line([text, ...rest].join(', '))
  }
}
