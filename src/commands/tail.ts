import {boolean, integer} from '@oclif/core/flags'

import {StreamCommand} from '../cli/base-command.js'
import {filterFields, filterFlags, spellFlag} from '../cli/input/filter-flags.js'
import type {OutcomeNote} from '../queue/outcome-channel.js'

export default class Tail extends StreamCommand {
  static override summary = 'Show what attempts come to, as it happens.'

  static override description =
    'From the moment it is started, of every serve, until Ctrl-C. Off a terminal an outcome is a line with TABs between: time, id, queue, ' +
    'outcome (delivered, retrying or dead), attempt, status, error, how long after its due time the call began and how long it took, in ms, URL. ' +
    'Nothing is stored for it: a tail that cannot keep up, or is away for a moment, misses some.'

  static override examples = [
    {description: 'Watch hooks being called', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'Only what fails, as documents', command: '<%= config.bin %> <%= command.id %> --state retrying,dead --ndjson'},
    {
      description: 'The next binned task of a host',
      command: '<%= config.bin %> <%= command.id %> --state dead --host 127.0.0.1 --limit 1',
    },
  ]

  static override flags = {
    ...filterFlags('Only this outcome: delivered, retrying or dead; repeatable, or several with commas between.'),
    limit: integer({description: 'End after so many.', min: 1, helpValue: 'N'}),
    ndjson: boolean({description: 'Print a JSON document per outcome.', default: false}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Tail)
    const [{parseFilter}, {knownQueue}, {checkOutcomes, meant}, {hearOutcomes}, {Interrupt}] = await Promise.all([
      import('../task/parse-filter.js'),
      import('../queue/find-tasks.js'),
      import('../cli/outcomes/outcome-filter.js'),
      import('../cli/outcomes/hear-outcomes.js'),
      import('../cli/terminal/interrupt.js'),
    ])
    const filter = parseFilter(filterFields(flags), spellFlag)
    checkOutcomes(filter)
    const store = await this.openStore(flags)
    const queue = await knownQueue(store, flags.queue)
    const print = await this.#printer(flags.ndjson)
    const interrupt = new Interrupt()
    let left = flags.limit ?? Infinity
    for await (const notes of hearOutcomes(store, interrupt.signal)) {
      const mine = notes.filter((note) => queue === undefined || note.queue === queue)
      for (const note of (await meant(store, filter, mine)).slice(0, left)) {
        await print(note)
        left -= 1
      }
      if (left === 0) break
    }
    interrupt.stop()
    this.exitWith(interrupt.exitCode)
  }

  async #printer(ndjson: boolean): Promise<(note: OutcomeNote) => Promise<void>> {
    const {describeOutcome, outcomeCells, outcomeView} = await import('../cli/outcomes/outcome-rows.js')
    if (ndjson) return (note) => this.output.ndjson([outcomeView(note)])
    if (!this.output.terminal) return (note) => this.output.rows([], [outcomeCells(note)])
    const styles = await this.output.styles()
    return (note) => this.output.write(describeOutcome(note, styles))
  }
}
