import {TorqueError} from './errors.js'

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

/** One JSON object a line on stderr, or, where a human looks on, one coloured line each. */
export async function createLogger({level, pretty, color, pid}: LogOptions): Promise<Logger> {
  const {pino} = await import('pino')
  // stdout carries data only. Written at once: a crash must not take its own explanation along.
  const serializers = {err: (error: Error) => (error instanceof TorqueError ? describe(error) : pino.stdSerializers.err(error))}
  const options = {level, base: pid === undefined ? null : {pid}, timestamp: pino.stdTimeFunctions.isoTime, serializers}
  const logger = (stream: import('pino').DestinationStream): Logger => pino(options, stream)
  if (!pretty) return logger(pino.destination({dest: 2, sync: true}))
  const {default: prettyStream} = await import('pino-pretty')
  return logger(prettyStream({destination: 2, sync: true, singleLine: true, colorize: color, translateTime: 'HH:MM:ss.l'}))
}

/** One of our own errors says all there is to say; a stack is for bugs. */
function describe({code, message, cause}: TorqueError): object {
  return {code, message, ...(cause instanceof Error && {cause: cause.message})}
}
