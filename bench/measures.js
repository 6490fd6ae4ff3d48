import {adds} from './adds.js'
import {atRest} from './at-rest.js'
import {bytes} from './bytes.js'
import {drainAlways} from './drain-always.js'
import {drain} from './drain.js'
import {dueAtOnce} from './due-at-once.js'
import {growthBacklog} from './growth-backlog.js'
import {growthOrigins} from './growth-origins.js'
import {growthQueues} from './growth-queues.js'
import {lateness} from './lateness.js'
import {latency} from './latency.js'
import {memory} from './memory.js'
import {moreCores} from './more-cores.js'
import {sizes} from './sizes.js'
import {startUp} from './start-up.js'

/** All there is to measure, in the order of the docs. */
export const measures = [
  drain,
  drainAlways,
  adds,
  latency,
  dueAtOnce,
  lateness,
  bytes,
  startUp,
  memory,
  growthBacklog,
  growthOrigins,
  growthQueues,
  atRest,
  moreCores,
  sizes,
]
