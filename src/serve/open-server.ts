import type {Renewal} from './renewed.js'
import type {ServeAddress} from './service.js'
import type {SupervisorOptions} from './supervisor.js'

/** What serves: this process, or others that it looks after. */
export interface Server {
  start(): Promise<ServeAddress>
  drained(): Promise<void>
  stop(): Promise<void>
  /** Goes by new tokens and a new certificate from now on. */
  renew(renewal: Renewal): void
  /** Gives back what runs, in a moment: the process is about to end. */
  giveUp(): Promise<void>
  /** It still does what it is there for. */
  readonly isAlive: boolean
}

/** Loads only what is needed: a supervisor needs little of what its workers do. */
export async function openServer({serve, workers, log, ...options}: SupervisorOptions): Promise<Server> {
  if (workers === 1) {
    const {Serve} = await import('./serve.js')
    return new Serve({...serve, log})
  }
  const {Supervisor} = await import('./supervisor.js')
  return new Supervisor({serve, workers, log, ...options})
}
