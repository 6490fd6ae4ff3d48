import type {RedisFlags} from '../flags.js'

/** What a ready-made command needs to find the same Redis. A URL with a password stays out of it. */
export function placeOf({redis, namespace}: RedisFlags): string[] {
  const named = redis !== undefined && !/\/\/[^/]*@/.test(redis)
  return [...(named ? ['--redis', redis] : []), ...(namespace === undefined ? [] : ['--namespace', namespace])]
}
