import {once} from 'node:events'

import {loadStyles, type Styles, wantsColor} from './color.js'
import {escapeLines, escapeText} from '../../escape.js'
import {readerIsGone} from './guard-streams.js'

export interface OutputOptions {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
  noColor: boolean
}

export interface TableColumn {
  head: string
  /** The column that gives way when the terminal is too narrow. */
  shrink?: boolean
  /** How a cell is put in fewer words there. */
  short?: (cell: string) => string
  /** The column may go altogether, the lowest number first; what is the same in every row goes before all. */
  drop?: number
  /** For numbers: their digits stand below each other. */
  right?: boolean
  /** Colours a cell by what it says. */
  paint?: (cell: string, styles: Styles) => string
}

/** Where a command's results go. stdout carries data only; what is said about it goes to stderr. */
export class Output {
  /** stdout is a terminal: tables and colour; otherwise TAB-separated lines. */
  readonly terminal: boolean
  readonly color: boolean
  readonly errorColor: boolean
  readonly #stdout: NodeJS.WriteStream
  readonly #stderr: NodeJS.WriteStream

  constructor({stdout, stderr, env, noColor}: OutputOptions) {
    this.#stdout = stdout
    this.#stderr = stderr
    this.terminal = stdout.isTTY === true
    this.color = this.terminal && wantsColor({noColor, env, stream: stdout})
    this.errorColor = wantsColor({noColor, env, stream: stderr})
  }

  /** Width of the terminal in columns. */
  get width(): number {
    return this.#stdout.columns || 80
  }

  styles(): Promise<Styles> {
    return loadStyles(this.color)
  }

  errorStyles(): Promise<Styles> {
    return loadStyles(this.errorColor)
  }

  /** Writes data as it is: the caller has escaped it. Waits while the reader is slower than we are. */
  async write(text: string): Promise<void> {
    if (text === '' || readerIsGone()) return
    // An error here has been looked at where the stream is guarded.
    if (!this.#stdout.write(text)) await once(this.#stdout, 'drain').catch(() => {})
  }

  /** One line of data. Control characters in it are escaped. */
  async line(text: string): Promise<void> {
    await this.write(`${escapeText(text)}\n`)
  }

  /** Cells as a line with TABs between, control characters in them escaped. */
  tabLine(cells: string[]): string {
    return `${cells.map(escapeText).join('\t')}\n`
  }

  /** Rows for people on a terminal, TAB-separated lines without a header anywhere else. No row: a word about it on a terminal, nothing elsewhere. */
  async rows(columns: TableColumn[], rows: string[][], {empty}: {empty?: string} = {}): Promise<void> {
    if (!this.terminal) return this.write(rows.map((row) => this.tabLine(row)).join(''))
    if (rows.length === 0) return this.note(empty ?? 'Nothing to show.')
    const {renderTable} = await import('./table.js')
    await this.write(`${renderTable(columns, rows, {width: this.width, styles: await this.styles()})}\n`)
  }

  /** The one document of `--json`. */
  async json(value: unknown): Promise<void> {
    const {jsonDocument, jsonLine} = await import('./json-line.js')
    await this.write(`${this.terminal ? jsonDocument(value) : jsonLine(value)}\n`)
  }

  /** One value a line, each on its way before the next is asked for. */
  async ndjson(values: AsyncIterable<unknown> | Iterable<unknown>): Promise<void> {
    const {jsonLine} = await import('./json-line.js')
    for await (const value of values) await this.write(`${jsonLine(value)}\n`)
  }

  /** A word to the person at the terminal, on stderr, out of the data's way. */
  note(text: string): void {
    this.#stderr.write(`${escapeLines(text)}\n`)
  }
}
