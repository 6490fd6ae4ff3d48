import {describe, expect, it} from 'vitest'

import {type NewTask, taskStates} from '../../src/task/task.js'
import {newTask} from '../../src/task/new-task.js'
import {bury, claimOne, complete, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'

const url = 'http://127.0.0.1:9/hooks/do/foo'
const unique = (fields = {}): NewTask => newTask({url, params: '{"a":1}', unique: '10m', ...fields})
const debounced = (fields = {}): NewTask => newTask({url, replace: 'k', ...fields})

describe('a unique task', () => {
  it('is added once within its window, whatever its due time and its trace', async () => {
    const {queue} = await openTestStore()
    const first = unique()

    const answers = await queue.add([first, unique(), unique({params: '{ "a": 1 }', delay: '5'}), unique({maxErrors: '3'})])

    expect(answers).toMatchObject([{duplicate: false}, ...Array(3).fill({id: first.id, state: 'ready', duplicate: true})])
  })

  it.each([{params: '{"a":2}'}, {method: 'PUT'}, {headers: '{"x-a":"1"}'}, {url: 'http://127.0.0.1:9/'}])(
    'is another with %j',
    async (fields) => {
      const {queue} = await openTestStore()
      await queue.add([unique()])

      expect(await queue.add([unique(fields)])).toMatchObject([{duplicate: false}])
    },
  )

  it('holds for its window also when it has ended, and no longer', async () => {
    const {store, queue, namespace} = await openTestStore()
    const first = unique()
    const key = `{${namespace}:default}:dedup:${first.dedupKeys[0]}`
    await queue.add([first])
    await queue.settle([complete(await claimOne(queue))], {keepDelivered: 0})

    expect(await queue.add([unique()])).toMatchObject([{id: first.id, state: 'delivered', dueAt: null, duplicate: true}])
    const left = await store.redis.pttl(key)
    expect(left).toBeGreaterThan(500_000)
    expect(left).toBeLessThanOrEqual(600_000)
    await store.redis.pexpire(key, 0)
    expect(await queue.add([unique()])).toMatchObject([{duplicate: false}])
  })

  it('keeps its window when it is revived, and frees it when it is purged', async () => {
    const {store, queue, namespace} = await openTestStore()
    const first = unique()
    const key = `{${namespace}:default}:dedup:${first.dedupKeys[0]}`
    await queue.add([first])
    await queue.settle([bury(await claimOne(queue))], keepAll)

    await queue.revive([first.id], {states: ['dead']})
    expect(await store.redis.pttl(key)).toBeLessThanOrEqual(600_000)
    expect(await queue.add([unique()])).toMatchObject([{state: 'ready', duplicate: true}])
    await queue.purge([first.id], {states: taskStates})
    expect(await queue.add([unique()])).toMatchObject([{duplicate: false}])
  })

  it('may have an id and a key of its own, which are no conflict with another`s', async () => {
    const {queue} = await openTestStore()
    await queue.add([unique({id: 'one', idempotencyKey: 'a'})])

    const answers = await queue.add([unique({id: 'two'}), unique({id: 'one', idempotencyKey: 'a'}), newTask({url, id: 'one'})])

    expect(answers).toMatchObject([{id: 'one', duplicate: true}, {id: 'one', duplicate: true}, {code: 'idempotency_conflict'}])
  })

  it('lets one of 1,000 parallel adds in', async () => {
    const {queue, inspector} = await openTestStore()

    const answers = (await Promise.all(Array.from({length: 1000}, () => queue.add([unique()])))).flat()

    expect(answers.filter((answer) => 'duplicate' in answer && !answer.duplicate)).toHaveLength(1)
    expect((await inspector.stats()).totals).toMatchObject({ready: 1, addedTotal: 1})
  })
})

describe('a task that replaces', () => {
  it('gives a waiting one its content, its lane and its due time, and nothing is added', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const first = debounced({params: '{"a":1}', delay: '5'})
    await queue.add([first])
    clock.advance(1000)

    const answers = await queue.add([debounced({params: '{"a":2}', delay: '9', url: 'http://127.0.0.1:8/'})])

    const dueAt = clock.now() + 9000
    expect(answers).toEqual([{id: first.id, queue: 'default', state: 'scheduled', dueAt, duplicate: false, replaced: true}])
    expect(await inspector.find([first.id])).toMatchObject([
      {
        task: {
          url: 'http://127.0.0.1:8/',
          payload: {text: '{"a":2}'},
          createdAt: clock.now() - 1000,
          flowKey: 'http://127.0.0.1:8',
        },
        state: 'scheduled',
        dueAt,
      },
    ])
    expect((await inspector.stats()).totals).toMatchObject({scheduled: 1, addedTotal: 1})
    clock.advance(9000)
    expect((await claimOne(queue)).task.payload).toMatchObject({text: '{"a":2}'})
  })

  it('comes sooner where it is to, and may be delivered then', async () => {
    const {queue} = await openTestStore()
    const first = debounced({delay: '1h'})
    await queue.add([first])

    expect(await queue.add([debounced()])).toMatchObject([{id: first.id, state: 'ready', replaced: true}])
    await queue.settle([complete(await claimOne(queue))], keepAll)
    expect(await queue.add([debounced()])).toMatchObject([{duplicate: false}])
  })

  it('is not added again by its id while it is active, nor when it is kept', async () => {
    const {queue, inspector} = await openTestStore()
    const first = debounced()
    await queue.add([first])
    const claim = await claimOne(queue)

    expect(await queue.add([first])).toMatchObject([{id: first.id, state: 'active', duplicate: true}])
    await queue.settle([complete(claim)], keepAll)
    expect(await queue.add([first])).toMatchObject([{id: first.id, state: 'delivered', duplicate: true}])
    expect((await inspector.stats()).totals).toMatchObject({ready: 0, delivered: 1, addedTotal: 1})
  })

  it('begins anew with the errors of one that has failed', async () => {
    const {queue, inspector} = await openTestStore()
    const first = debounced({params: '{"a":1}'})
    await queue.add([first])
    await queue.settle([retry(await claimOne(queue), 60_000)], keepAll)

    await queue.add([debounced({params: '{"a":2}'})])

    const [record] = await inspector.find([first.id])
    expect(record).toMatchObject({state: 'ready', run: {attempts: 1, errors: 0}, task: {payload: {text: '{"a":2}'}}})
  })

  it('is a task of its own where the other is active, dead or purged', async () => {
    const {queue} = await openTestStore()
    const [first, second, third] = [debounced(), debounced(), debounced()]
    await queue.add([first])
    const claim = await claimOne(queue)

    expect(await queue.add([second])).toMatchObject([{id: second.id, duplicate: false}])
    await queue.settle([bury(claim)], keepAll)
    // The key is the second one's now: the end of the first frees nothing.
    expect(await queue.add([debounced()])).toMatchObject([{id: second.id, replaced: true}])
    await queue.settle([bury(await claimOne(queue))], keepAll)
    expect(await queue.add([third])).toMatchObject([{id: third.id, duplicate: false}])
    await queue.purge([third.id], {states: taskStates})
    expect((await queue.add([debounced()]))[0]).not.toHaveProperty('replaced')
  })

  it('is one task for 1,000 parallel adds and for a batch of them, with the content of the last', async () => {
    const {queue, inspector} = await openTestStore()
    const one = (index: number) => debounced({params: `{"a":${index}}`, delay: '1h', flowKey: `lane ${index % 7}`})

    const answers = (await Promise.all(Array.from({length: 1000}, (_, index) => queue.add([one(index)])))).flat()
    const batch = await queue.add(Array.from({length: 500}, (_, index) => one(1000 + index)))

    expect(new Set([...answers, ...batch].map(({id}) => id)).size).toBe(1)
    expect((await inspector.stats()).totals).toMatchObject({scheduled: 1, addedTotal: 1})
    expect((await inspector.page({limit: 10})).records).toMatchObject([{task: {payload: {text: '{"a":1499}'}}}])
  })

  it('leaves nothing behind when it has ended', async () => {
    const {store, queue, namespace} = await openTestStore()
    await queue.add([debounced({flowKey: 'one', delay: '1h'}), debounced({flowKey: 'two'})])

    await queue.settle([complete(await claimOne(queue))], {keepDelivered: 0})

    expect(await store.redis.keys(`{${namespace}:default}:*`)).toEqual([`{${namespace}:default}:counters`])
  })
})
