import {describe, expect, it} from 'vitest'

import {QueueKeys} from '../../../src/queue/keys.js'
import {mergeSets} from '../../../src/queue/listing/merge.js'
import {openTestStore} from '../../support/open-store.js'

describe('mergeSets', () => {
  it('takes more sets than a call takes arguments', async () => {
    const {store, namespace} = await openTestStore()
    const keys = new QueueKeys(namespace, 'default')
    await store.redis.zadd(keys.lane('a'), 1, 'task')
    const context = {redis: store.redis, keys, name: 'default', wakeChannel: 'none', wakeMessage: ''}

    const merged = await mergeSets(context, Array<string>(150_000).fill(keys.lane('a')), {limit: 2})

    expect(merged).toEqual([
      {score: 1, member: 'task'},
      {score: 1, member: 'task'},
    ])
  })
})
