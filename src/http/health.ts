import {TorqueError} from '../errors.js'
import type {Store} from '../queue/store.js'
import {json} from './answer.js'
import type {Route} from './route.js'

export interface Readiness {
  ready: boolean
  /** Why not. */
  reason?: string
}

export interface HealthOptions {
  store: Pick<Store, 'ping'>
  ready: () => Readiness
  /** What is wrong with the Redis in use, as it was found at the start: tasks may be lost there. */
  warnings?: () => readonly {code: string; message: string}[]
}

/** `/healthz`: the process answers, and says what it was warned of. `/readyz`: it would take a task now. */
export function healthRoutes({store, ready, warnings = () => []}: HealthOptions): Route[] {
  return [
    {method: 'GET', path: '/healthz', handle: () => json(200, {status: 'ok', warnings: warnings()})},
    {
      method: 'GET',
      path: '/readyz',
      async handle() {
        const {ready: isReady, reason = 'not ready'} = ready()
        if (!isReady) throw new TorqueError('shutting_down', reason)
        await store.ping()
        return json(200, {status: 'ready'})
      },
    },
  ]
}
