import {describe, expect, it} from 'vitest'

import {diagnose} from '../../../src/queue/doctor/doctor.js'
import {bury, complete, retry} from '../../support/attempts.js'
import {openTestStore} from '../../support/open-store.js'
import {openOwnRedis} from '../../support/own-redis.js'
import {claimAll, openPatient} from '../../support/patient.js'
import {aTask} from '../../support/tasks.js'

describe('diagnose', () => {
  it('says what dead tasks weigh, and warns of what is due with nobody to call it', async () => {
    const {store, queue, clock, add} = await openPatient()
    await add(aTask(), aTask({flowKey: 'later'}))
    const [claim] = await claimAll(queue, {limit: 1})
    await queue.settle([bury(claim!)], {keepDelivered: 10})
    clock.advance(61_000)

    const {findings} = await diagnose(store, {repair: false})

    expect(findings).toContainEqual(expect.objectContaining({code: 'dead', level: 'note', count: 1}))
    expect(findings).toContainEqual(expect.objectContaining({code: 'no_serve', level: 'warning', count: 1}))
  })

  it('looks at the server, too', async () => {
    const redis = await openOwnRedis('--maxmemory-policy', 'allkeys-lru')
    const {store} = await openTestStore({redisUrl: redis.url, clock: undefined})
    await store.redis.config('SET', 'maxmemory', '1mb')

    const {findings, healthy} = await diagnose(store, {repair: true})

    expect(healthy).toBe(false)
    expect(findings.filter(({mended}) => mended)).toEqual([])
    const codes = findings.map(({code}) => code)
    expect(codes).toEqual(expect.arrayContaining(['eviction', 'persistence', 'memory']))
    for (const {message, remedy} of findings) expect([message, remedy]).not.toContain('')
  })
})

describe('diagnose, beside processes at work', () => {
  it('finds nothing, and mends nothing, while tasks are added, claimed and settled', async () => {
    const {store, queue, namespace} = await openTestStore({clock: undefined})
    const looker = await openTestStore({clock: undefined, namespace})
    const work = {isOver: false}
    const keepWorking = async () => {
      while (!work.isOver) {
        await queue.add(Array.from({length: 20}, (_, index) => aTask({flowKey: `lane-${index % 7}`})))
        const claims = await claimAll(queue, {limit: 30})
        const items = claims.map((claim, index) => (index % 5 === 0 ? retry(claim, 1) : complete(claim)))
        await queue.settle(items, {keepDelivered: 200})
      }
    }
    const workers = Promise.all([keepWorking(), keepWorking(), keepWorking()])

    const found = []
    for (let round = 0; round < 10; round++) found.push(...(await diagnose(looker.store, {repair: true})).findings)
    work.isOver = true
    await workers

    expect(found.filter(({queue: name, code}) => name !== null && code !== 'dead')).toEqual([])
    expect((await store.inspector.stats()).totals.deliveredTotal).toBeGreaterThan(0)
  })
})
