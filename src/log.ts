import {TorqueError} from './errors.js'
import {escapeJson} from './escape.js'

/** What torque's parts need of a logger. Untrusted text goes into `details`, never into `message`: there it is escaped. */
export interface Logger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogOptions {
  level: LogLevel
  pretty: boolean
  color: boolean
  /** Stands in each line, where several processes write to one log. */
  pid?: number
}

/**
 * One line an event on stderr: JSON, or, where a human looks on, text with colour. Whatever is in it, nothing of it is obeyed by a
 * terminal, and no second line can be made of it.
 */
export async function createLogger({level, pretty, color, pid}: LogOptions): Promise<Logger> {
  const {pino} = await import('pino')
  const serializers = {err: (error: Error) => (error instanceof TorqueError ? describe(error) : pino.stdSerializers.err(error))}
  const options = {level, base: pid === undefined ? null : {pid}, timestamp: pino.stdTimeFunctions.isoTime, serializers}
  // stdout carries data only. Written at once: a crash must not take its own explanation along.
  const stderr = pino.destination({dest: 2, sync: true})
  const render = pretty ? (await import('./pretty-line.js')).prettyLine : escapeJson
  const logger: Logger = pino(options, {write: (line: string) => void stderr.write(render(line, color))})
  return logger
}

/** One of our own errors says all there is to say; a stack is for bugs. */
function describe({code, message, cause}: TorqueError): object {
  return {code, message, ...(cause instanceof Error && {cause: cause.message})}
}
