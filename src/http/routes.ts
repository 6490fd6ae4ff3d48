import type {Store} from '../queue/store.js'
import {type AddRoutesOptions, addRoutes} from './add.js'
import {bulkRoutes} from './bulk.js'
import {type HealthOptions, healthRoutes} from './health.js'
import type {Route} from './route.js'
import {queueRoutes} from './queues.js'
import {scheduleRoutes} from './schedules.js'
import {statsRoutes} from './stats.js'
import {taskRoutes} from './tasks.js'

export interface RoutesOptions extends AddRoutesOptions, HealthOptions {
  store: Store
}

/** Everything the endpoint answers. */
export function routes(options: RoutesOptions): Route[] {
  return [
    ...addRoutes(options),
    ...taskRoutes(options),
    ...bulkRoutes(options),
    ...queueRoutes(options),
    ...scheduleRoutes(options),
    ...statsRoutes(options),
    ...healthRoutes(options),
  ]
}
