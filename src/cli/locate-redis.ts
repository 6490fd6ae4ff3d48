import {TorqueError} from '../errors.js'

/** The namespace, checked: it becomes part of every key. */
export function namespaceOf(name: string | undefined): string {
  if (name !== undefined && /^[a-z0-9_-]{1,32}$/.test(name)) return name
  throw new TorqueError('invalid_option', `namespace ${JSON.stringify(name)} is not 1 to 32 of a-z, 0-9, "_" and "-"`, {
    field: 'namespace',
  })
}

/** The Redis that is named, or else the private one that a running `torque serve` has in its directory. */
export async function redisUrlOf(named: string | undefined): Promise<string> {
  if (named !== undefined) return named
  throw new TorqueError('engine_not_running', 'no Redis is named, and no `torque serve` is running here', {
    hint: 'Start `torque serve`, or name a Redis with --redis URL or TORQUE_REDIS_URL.',
  })
}
