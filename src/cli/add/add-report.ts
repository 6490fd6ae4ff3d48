import {TorqueError} from '../../errors.js'
import {lineCells, lineDocument} from './add-output.js'
import type {LineResult} from './add-from.js'
import {count} from '../terminal/format.js'
import type {Output} from '../terminal/output.js'
import {Progress} from '../terminal/progress.js'

/** The `--json` document of `add --from`. */
export interface AddReport {
  added: number
  duplicates: number
  failed: number
  dryRun: boolean
  /** The first of the bad lines. */
  errors: object[]
  /** Why it went no further. */
  error?: object
}

export interface AddReporterOptions {
  output: Output
  /** `json`: only the document at the end; `ids`: the ids of those that are in. */
  format: 'json' | 'ndjson' | 'ids' | 'lines'
  dryRun: boolean
}

/** Bad lines that the document names: it is held in memory until the end. */
const mostErrors = 1000

/** Prints the results of `add --from` as they come, and counts them. */
export class AddReporter {
  readonly report: AddReport
  readonly #options: AddReporterOptions
  readonly #progress: Progress

  constructor(options: AddReporterOptions) {
    this.#options = options
    this.report = {added: 0, duplicates: 0, failed: 0, dryRun: options.dryRun, errors: []}
    // Results that scroll by on the same terminal say it already.
    this.#progress = new Progress(process.stderr, {enabled: !options.output.terminal})
  }

  readonly take = async (results: LineResult[]): Promise<void> => {
    for (const result of results) this.#count(result)
    this.#progress.end()
    await this.#print(results)
    this.#progress.update(this.#summary())
  }

  /** Tasks that are in. */
  get done(): number {
    return this.report.added + this.report.duplicates
  }

  /** It goes no further; what was done stays done. */
  stop(error: TorqueError): void {
    Object.assign(this.report, error.toJSON())
    if (this.#options.format !== 'json') this.#options.output.note(`stopped: ${error.message}`)
  }

  /** Nothing was done: the error to come says it all, but for lines that have been named. */
  abandon(error: unknown): unknown {
    if (this.report.failed > 0) this.end()
    else this.#progress.end()
    return error
  }

  /** The last word, for people. */
  end(): void {
    this.#progress.end()
    if (this.#options.format === 'lines') this.#options.output.note(this.#summary())
  }

  #count({line, result}: LineResult): void {
    if (!(result instanceof TorqueError)) this.report[result.duplicate ? 'duplicates' : 'added']++
    else if (++this.report.failed <= mostErrors) this.report.errors.push(lineDocument({line, result}, this.#options))
  }

  #print(results: LineResult[]): Promise<void> {
    const {output, format} = this.#options
    if (format === 'json') return Promise.resolve()
    if (format === 'ndjson') return output.ndjson(results.map((result) => lineDocument(result, this.#options)))
    if (format === 'ids') return this.#printIds(results)
    return output.write(results.map((result) => output.tabLine(lineCells(result, this.#options))).join(''))
  }

  #printIds(results: LineResult[]): Promise<void> {
    const {output, dryRun} = this.#options
    for (const {line, result} of results) {
      if (result instanceof TorqueError) output.note(`line ${line}: ${result.message}`)
    }
    return output.write(
      results.map(({result}) => (result instanceof TorqueError || dryRun ? '' : output.tabLine([result.id]))).join(''),
    )
  }

  #summary(): string {
    const {added, duplicates, failed, dryRun} = this.report
    const parts = [`${count(added, 'task')} ${dryRun ? 'would be added' : 'added'}`]
    if (duplicates > 0) parts.push(`${duplicates} had been added before`)
    if (failed > 0) parts.push(`${failed} failed`)
    return parts.join(', ')
  }
}
