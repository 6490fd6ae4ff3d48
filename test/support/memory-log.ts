import type {Logger} from '../../src/log.js'

/** A log that a test can read: every line, and what those that begin so have to say. */
export class MemoryLog implements Logger {
  readonly lines: {level: 'debug' | 'info' | 'warn' | 'error'; message: string; details: object}[] = []

  debug = (details: object, message: string) => void this.lines.push({level: 'debug', message, details})
  info = (details: object, message: string) => void this.lines.push({level: 'info', message, details})
  warn = (details: object, message: string) => void this.lines.push({level: 'warn', message, details})
  error = (details: object, message: string) => void this.lines.push({level: 'error', message, details})

  /** The details of the lines that begin so. */
  saying = (start: string): object[] => this.lines.filter(({message}) => message.startsWith(start)).map(({details}) => details)
}
