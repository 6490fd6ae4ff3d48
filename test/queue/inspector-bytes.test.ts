import {describe, expect, it} from 'vitest'

import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'
import {idsOf, walkPages} from '../support/walk-pages.js'

const large = (kib: number) => ({kind: 'body' as const, text: 'x'.repeat(kib * 1024), contentType: 'text/plain'})

describe('a page of large tasks', () => {
  it('ends before it is too much to hold, and its cursor goes on', async () => {
    const {queue, inspector} = await openTestStore()
    const tasks = Array.from({length: 40}, () => aTask({payload: large(1000)}))
    await queue.add(tasks)

    const first = await inspector.page({limit: 1000})
    const all = await walkPages(inspector, {limit: 1000})

    expect(first.records).toHaveLength(8)
    expect(first.cursor).not.toBeNull()
    expect(idsOf(all)).toEqual(tasks.map(({id}) => id).toSorted())
  })

  it('counts those of all queues and states together', async () => {
    const {store, queue, inspector} = await openTestStore()
    await queue.add(Array.from({length: 4}, () => aTask({payload: large(900)})))
    await queue.add(Array.from({length: 4}, () => aTask({payload: large(900), due: {delayMs: 60_000}})))
    await store.queue('other').add(Array.from({length: 4}, () => aTask({queue: 'other', payload: large(900)})))

    const {records, cursor} = await inspector.page({states: ['ready', 'scheduled'], limit: 100})

    expect(records.length).toBe(9)
    expect((await inspector.page({states: ['ready', 'scheduled'], limit: 100, cursor: cursor!})).records).toHaveLength(3)
  })
})
