import {TorqueError} from '../errors.js'
import type {Logger} from '../log.js'
import type {Store} from '../queue/store.js'

/** Refuses a Redis that throws keys away when it is full, unless told to put up with it; warns of one that forgets at a restart. */
export async function checkRedis(store: Store, {allowEviction, log}: {allowEviction: boolean; log: Logger}): Promise<void> {
  const policy = await store.config('maxmemory-policy')
  if (policy !== undefined && policy !== 'noeviction') {
    if (!allowEviction) {
      throw new TorqueError(
        'refused',
        `this Redis evicts keys when it is full (maxmemory-policy ${policy}): tasks would be lost`,
        {
          hint: 'set maxmemory-policy noeviction, or pass --allow-eviction',
        },
      )
    }
    log.warn({policy}, 'this Redis evicts keys when it is full: tasks may be lost')
  }
  const [save, appendonly] = await Promise.all([store.config('save'), store.config('appendonly')])
  if (save === '' && appendonly === 'no') log.warn({}, 'this Redis persists nothing: its tasks are lost when it restarts')
}
