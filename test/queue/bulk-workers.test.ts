import {describe, expect, it} from 'vitest'

import {runBulk} from '../../src/queue/bulk.js'
import {freeze} from '../../src/queue/selection.js'
import {parseFilter} from '../../src/task/parse-filter.js'
import {bury, claimOptions, complete, keepAll} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

describe('reviving thousands while workers take them', () => {
  it('misses none and revives none twice, though some die again meanwhile', async () => {
    const {store, queue, inspector} = await openTestStore({clock: undefined})
    const tasks = Array.from({length: 5000}, (_, index) => aTask({flowKey: `lane ${index % 20}`}))
    await queue.add(tasks)
    for (let left = tasks.length; left > 0;) {
      const {claims} = await queue.claim(claimOptions)
      await queue.settle(claims.map(bury), keepAll)
      left -= claims.length
    }
    const calls = new Map<string, number>()
    const retrying = {done: false}
    const work = async () => {
      for (let idle = false; !idle || !retrying.done;) {
        const {claims} = await queue.claim({...claimOptions, limit: 200})
        idle = claims.length === 0
        for (const {task} of claims) calls.set(task.id, (calls.get(task.id) ?? 0) + 1)
        // Every tenth dies again: it is not to be revived a second time.
        await queue.settle(
          claims.map((claim, index) => (index % 10 === 0 ? bury(claim) : complete(claim))),
          keepAll,
        )
      }
    }

    const workers = [work(), work()]
    const selection = await freeze(store, 'retry', {filter: parseFilter({minErrors: ['1']})})
    const outcome = await runBulk(store, 'retry', selection)
    retrying.done = true
    await Promise.all(workers)

    expect(outcome).toMatchObject({matched: 5000, changed: 5000, skipped: 0, failed: 0})
    expect(calls.size).toBe(5000)
    expect(new Set(calls.values())).toEqual(new Set([1]))
    const {totals} = await inspector.stats()
    expect(totals.dead + totals.delivered).toBe(5000)
    expect(totals.ready + totals.active + totals.retrying).toBe(0)
  })
})
