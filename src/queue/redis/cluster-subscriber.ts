import {Redis} from 'ioredis'

import type {ConnectionOptions} from './profiles.js'
import type {ServerAddress} from './redis-url.js'

/** One node that is down must leave time to try the next. */
const nodeMs = 700

/** A connection to one node of a cluster: what is published on any is heard on all. When it is lost the next node is tried. */
export function clusterSubscriber(nodes: readonly ServerAddress[], {retryStrategy, ...options}: ConnectionOptions): Redis {
  let turn = Math.floor(Math.random() * nodes.length)
  const next = () => nodes[turn++ % nodes.length]!
  const redis: Redis = new Redis({
    ...options,
    ...next(),
    connectTimeout: nodeMs,
    retryStrategy: (tries) => {
      Object.assign(redis.options, next())
      return retryStrategy?.(tries)
    },
  })
  return redis
}
