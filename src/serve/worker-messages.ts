import type {TorqueError} from '../errors.js'
import type {LogOptions} from '../log.js'
import type {Renewal} from './renewed.js'
import type {ServeOptions} from './serve.js'
import type {ServeAddress} from './service.js'

/**
 * What a worker is to be: the answer to its `hello`. It goes over the channel between the two processes, so that flags are weighed
 * once, by the supervisor, and secrets stand in no command line.
 */
export interface WorkerSettings {
  serve: Omit<ServeOptions, 'log'>
  log: LogOptions
  /** To end when nothing is left that is due. */
  drain: boolean
}

export type ToWorker = WorkerSettings | 'stop' | 'give up' | {renewal: Renewal}

/** What came of its start. */
export type StartOutcome = ServeAddress | ReturnType<TorqueError['toJSON']>

export type FromWorker = 'hello' | StartOutcome
