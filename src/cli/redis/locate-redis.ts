import {TorqueError} from '../../errors.js'
import {whole} from '../input/flag-value.js'

/** The namespace, checked: it becomes part of every key. */
export function namespaceOf(name: string | undefined): string {
  if (name !== undefined && /^[a-z0-9_-]{1,32}$/.test(name)) return name
  throw new TorqueError('invalid_option', `namespace ${JSON.stringify(name)} is not 1 to 32 of a-z, 0-9, "_" and "-"`, {
    field: 'namespace',
  })
}

/** How many replicas must have an add before it is answered. */
export function ackReplicasOf(text = '0'): number {
  return whole('ack-replicas', text, {from: 0, to: 100})
}

/** The Redis that is named, or else the private one that a running `torque serve` keeps in its home. */
export async function redisUrlOf(named: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  if (named !== undefined) return named
  const [{findEngine}, {resolveHome}] = await Promise.all([
    import('../../embedded/find-engine.js'),
    import('../../embedded/home.js'),
  ])
  return findEngine({home: resolveHome(env)})
}
