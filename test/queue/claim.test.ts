import {describe, expect, it} from 'vitest'

import {lose} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const options = {leaseMs: 15_000, limit: 100, laneConcurrency: 0, lostLimit: 100}
const lane = (name: string) => ({url: `http://${name}.test/hook`, flowKey: `http://${name}.test`})

describe('claim', () => {
  it('hands out the task that is due first', async () => {
    const {queue, clock} = await openTestStore()
    const later = aTask({due: {delayMs: 2000}})
    const sooner = aTask({due: {delayMs: 1000}})
    await queue.add([later, sooner])
    clock.advance(2000)

    const {claims} = await queue.claim(options)

    expect(claims.map(({task}) => task.id)).toEqual([sooner.id, later.id])
  })

  it('begins attempt 1 and holds it until now + leaseMs', async () => {
    const {store, queue, clock, namespace} = await openTestStore()
    const {id, queue: _queue, due: _due, fingerprint: _fingerprint, ...rest} = aTask()
    await queue.add([aTask({id, ...rest})])

    const {claims, now} = await queue.claim(options)

    expect(claims).toEqual([
      {
        task: {id, ...rest, createdAt: clock.now()},
        run: {attempts: 0, errors: 0, lostLeases: 0, history: []},
        attempt: 1,
        dueAt: clock.now(),
      },
    ])
    expect(now).toBe(clock.now())
    expect(await store.redis.zscore(`{${namespace}:default}:active`, `${id}#1`)).toBe(String(clock.now() + 15_000))
  })

  it('leaves a task alone until it is due, and says how long that is', async () => {
    const {queue, clock} = await openTestStore()
    await queue.add([aTask({due: {delayMs: 5000}})])

    const early = await queue.claim(options)
    clock.advance(4999)
    const stillEarly = await queue.claim(options)
    clock.advance(1)
    const due = await queue.claim(options)

    expect([early.claims, early.nextDueMs]).toEqual([[], 5000])
    expect([stillEarly.claims, stillEarly.nextDueMs]).toEqual([[], 1])
    expect(due.claims).toHaveLength(1)
  })

  it('never hands the same task to two processes', async () => {
    const {queue} = await openTestStore()
    await queue.add(Array.from({length: 200}, () => aTask()))

    const claimed = await Promise.all(Array.from({length: 50}, () => queue.claim({...options, limit: 7, laneConcurrency: 1000})))

    const ids = claimed.flatMap(({claims}) => claims.map(({task}) => task.id))
    expect(ids).toHaveLength(200)
    expect(new Set(ids).size).toBe(200)
  })

  it('takes at most laneConcurrency of one lane, and goes on with the others', async () => {
    const {queue} = await openTestStore()
    await queue.add(Array.from({length: 10}, () => aTask(lane('hung'))))
    await queue.add([aTask(lane('fine'))])

    const first = await queue.claim({...options, laneConcurrency: 3})
    const second = await queue.claim({...options, laneConcurrency: 3})

    expect(first.claims.map(({task}) => task.flowKey).toSorted()).toEqual([
      'http://fine.test',
      ...Array(3).fill('http://hung.test'),
    ])
    expect(second).toMatchObject({claims: [], nextDueMs: null})
  })

  it('leaves free places beside a lane when no limit is set', async () => {
    const {queue} = await openTestStore()
    await queue.add(Array.from({length: 100}, () => aTask(lane('one'))))
    await queue.add(Array.from({length: 100}, () => aTask(lane('two'))))

    const {claims} = await queue.claim({...options, limit: 40})

    const counts = ['one', 'two'].map((name) => claims.filter(({task}) => task.flowKey === `http://${name}.test`).length)
    expect(counts).toEqual([20, 10])
  })

  it('takes the last free place for a lane that has none', async () => {
    const {queue} = await openTestStore()
    await queue.add([aTask()])

    expect((await queue.claim({...options, limit: 1})).claims).toHaveLength(1)
  })

  it('takes more of a full lane once one of its tasks has settled', async () => {
    const {queue} = await openTestStore()
    await queue.add([aTask(), aTask()])
    const {claims} = await queue.claim({...options, laneConcurrency: 1})
    const [held] = claims
    if (!held) throw new Error('nothing was claimed')
    expect((await queue.claim({...options, laneConcurrency: 1})).claims).toEqual([])

    await queue.settle([{...held, verdict: {op: 'complete', run: {...held.run, attempts: 1}}}], {keepDelivered: 10})

    expect((await queue.claim({...options, laneConcurrency: 1})).claims).toHaveLength(1)
  })

  it('sets a task whose stored form is damaged apart from the others', async () => {
    const {store, queue, namespace} = await openTestStore()
    const [good, bad] = [aTask(), aTask()]
    await queue.add([good, bad])
    await store.redis.hset(`{${namespace}:default}:tasks`, bad.id, 'garbage')

    const {claims, corrupt} = await queue.claim({...options, laneConcurrency: 9})

    expect(claims.map(({task}) => task.id)).toEqual([good.id])
    expect(corrupt).toMatchObject([{attempt: 1, task: {id: bad.id, flowKey: bad.flowKey, payload: {text: 'garbage'}}}])
  })

  it('tells tasks of a later version from both, and counts their places like any others', async () => {
    const {store, queue, namespace, clock} = await openTestStore()
    const tasks = [aTask({flowKey: 'lane'}), aTask({flowKey: 'lane'})]
    await queue.add(tasks)
    const later = 'hX\nhttp://127.0.0.1:9/\n{"f":"lane"}\n?'
    for (const {id} of tasks) await store.redis.hset(`{${namespace}:default}:tasks`, id, later)

    const claimed = await queue.claim({...options, laneConcurrency: 9})
    clock.advance(15_000)
    const {lost} = await queue.claim(options)
    await queue.reclaim(lost.slice(0, 1).map(lose))

    expect(claimed).toMatchObject({claims: [], corrupt: [], later: [{attempt: 1, task: {flowKey: 'lane'}}, {attempt: 1}]})
    expect(await store.redis.hgetall(`{${namespace}:default}:lane-active`)).toEqual({lane: '1'})
    expect(await store.redis.zcard(`{${namespace}:default}:lane:lane`)).toBe(1)
  })

  it('drops an id whose task is gone', async () => {
    const {store, queue, namespace} = await openTestStore()
    const task = aTask()
    await queue.add([task])
    await store.redis.hdel(`{${namespace}:default}:tasks`, task.id)

    expect(await queue.claim(options)).toMatchObject({claims: [], corrupt: [], nextDueMs: null})
  })

  it('names tasks whose lease ran out, and only then', async () => {
    const {queue, clock} = await openTestStore()
    const task = aTask()
    await queue.add([task])
    await queue.claim(options)

    const before = await queue.claim(options)
    clock.advance(15_000)
    const after = await queue.claim(options)

    expect(before.lost).toEqual([])
    expect(after.lost).toMatchObject([{task: {id: task.id}, attempt: 1}])
  })
})
