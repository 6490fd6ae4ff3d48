import {TorqueError} from '../../errors.js'
import {groupBy} from '../../group-by.js'
import type {ImportOutcome} from '../../queue/scripts/import.js'
import type {Store} from '../../queue/store.js'
import {type ImportOptions, type PortableTask, importTask} from '../../task/portable-task.js'
import {count} from '../terminal/format.js'
import {Interrupt} from '../terminal/interrupt.js'
import type {Output} from '../terminal/output.js'
import {Progress} from '../terminal/progress.js'
import {type InputLine, openInput, readLines} from '../input/read-lines.js'

/** The `--json` document of `import`. */
export interface ImportReport {
  imported: number
  /** Here already, or here before and ended since. */
  unchanged: number
  /** Another task has their id, or a key of theirs. */
  conflicts: number
  failed: number
  /** The first of the lines that were not imported. */
  errors: object[]
  /** Why it went no further. */
  error?: object
}

export interface ImportFileOptions extends Omit<ImportOptions, 'now'> {
  store: Store
  output: Output
  json: boolean
}

/** A task of 1 MiB may be six times as long where all of it is escaped; beside it is its history. */
const longestLine = 8 << 20
const batchSize = 500
/** Characters of tasks that one call may take. */
const batchLength = 4 << 20
/** Lines that the document names: it is held in memory until the end. */
const mostErrors = 1000

/** Imports the tasks of a file, or of the standard input for `-`. A bad line keeps no other out. Ctrl-C ends it after a batch. */
export async function importFile(file: string, options: ImportFileOptions): Promise<{report: ImportReport; exitCode: number}> {
  const interrupt = new Interrupt()
  const importing = new Importing(options, await options.store.now())
  try {
    for await (const lines of readLines(openInput(file, interrupt.signal), {maxLength: longestLine})) {
      await importing.take(lines)
      if (interrupt.signal.aborted) break
    }
    if (!interrupt.signal.aborted) await importing.flush()
  } catch (error) {
    if (!(error instanceof TorqueError) || importing.report.imported + importing.report.unchanged === 0) throw error
    importing.stop(error)
  } finally {
    importing.end()
    interrupt.stop()
  }
  const {conflicts, failed, error} = importing.report
  return {report: importing.report, exitCode: interrupt.exitCode || (conflicts + failed > 0 || error ? 1 : 0)}
}

interface Slot {
  line: number
  item: PortableTask
}

class Importing {
  readonly report: ImportReport = {imported: 0, unchanged: 0, conflicts: 0, failed: 0, errors: []}
  readonly #options: ImportFileOptions
  readonly #now: number
  readonly #progress: Progress
  #batch: Slot[] = []
  #length = 0

  constructor(options: ImportFileOptions, now: number) {
    this.#options = options
    this.#now = now
    this.#progress = new Progress(process.stderr, {enabled: !options.json})
  }

  async take(lines: readonly InputLine[]): Promise<void> {
    for (const {number, text, error} of lines) {
      if (error) this.#refuse(number, error)
      else if (text.trim() !== '') this.#read(number, text)
      if (this.#batch.length >= batchSize || this.#length >= batchLength) await this.flush()
    }
  }

  #read(line: number, text: string): void {
    try {
      this.#batch.push({line, item: importTask(text, {...this.#options, now: this.#now})})
      this.#length += text.length
    } catch (error) {
      if (!(error instanceof TorqueError)) throw error
      this.#refuse(line, error)
    }
  }

  /** Writes what has been gathered. */
  async flush(): Promise<void> {
    const slots = this.#batch
    ;[this.#batch, this.#length] = [[], 0]
    for (const [queue, some] of groupBy(slots, ({item}) => item.task.queue)) {
      const outcomes = await this.#options.store.queue(queue).import(some.map(({item}) => item))
      some.forEach((slot, index) => this.#count(slot, outcomes[index] ?? 'conflict'))
    }
    this.#progress.update(this.summary)
  }

  #count({line, item}: Slot, outcome: ImportOutcome): void {
    if (outcome === 'imported') this.report.imported++
    else if (outcome === 'unchanged') this.report.unchanged++
    else {
      this.report.conflicts++
      const {id, queue} = item.task
      this.#name(line, new TorqueError('conflict', `queue ${queue} has another task ${id}, or one with a key of it`, {id}))
    }
  }

  #refuse(line: number, error: TorqueError): void {
    this.report.failed++
    this.#name(line, error)
  }

  #name(line: number, error: TorqueError): void {
    if (this.report.errors.length < mostErrors) this.report.errors.push({line, ...error.toJSON()})
    if (this.#options.json) return
    this.#progress.clear()
    this.#options.output.note(`line ${line}: ${error.code}: ${error.message}`)
  }

  /** It goes no further; what was done stays done. */
  stop(error: TorqueError): void {
    Object.assign(this.report, error.toJSON())
    if (!this.#options.json) this.#options.output.note(`stopped: ${error.message}`)
  }

  end(): void {
    this.#progress.end()
  }

  get summary(): string {
    const {imported, unchanged, conflicts, failed} = this.report
    const rest = Object.entries({unchanged: unchanged, 'in conflict': conflicts, failed}).filter(([, number]) => number > 0)
    return [`imported ${count(imported, 'task')}`, ...rest.map(([what, number]) => `${number} ${what}`)].join(', ')
  }
}
