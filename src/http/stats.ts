import {readStats, statsView} from '../queue/stats.js'
import type {Store} from '../queue/store.js'
import {json} from './answer.js'
import {knownQueue} from '../queue/find-tasks.js'
import {Query} from './query.js'
import type {Route} from './route.js'

/** Counts by state, rates and percentiles, in all and by queue. */
export function statsRoutes({store}: {store: Store}): Route[] {
  return [
    {
      method: 'GET',
      path: '/stats',
      async handle(request) {
        const queue = await knownQueue(store, new Query(request, ['queue']).get('queue'))
        return json(200, statsView(await readStats(store, {queue})))
      },
    },
  ]
}
