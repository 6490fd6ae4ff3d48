import {describe, expect, it} from 'vitest'

import type {TorqueError} from '../../src/errors.js'
import type {AddResult} from '../../src/queue/queue.js'
import {bringTo, claimOptions} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'
import {taskStates} from '../../src/task/task.js'

const taskKey = (namespace: string) => `{${namespace}:default}:tasks`

function results(answers: (AddResult | TorqueError)[]): AddResult[] {
  return answers.filter((answer): answer is AddResult => !(answer instanceof Error))
}

describe('add', () => {
  it('makes a task ready now', async () => {
    const {queue, clock} = await openTestStore()
    const task = aTask()

    const answers = await queue.add([task])

    expect(answers).toEqual([{id: task.id, queue: 'default', state: 'ready', dueAt: clock.now(), duplicate: false}])
  })

  it('schedules a task after its delay, or at its instant', async () => {
    const {queue, clock} = await openTestStore()

    const answers = await queue.add([aTask({due: {delayMs: 1500}}), aTask({due: {at: clock.now() + 5}})])

    expect(answers).toMatchObject([
      {state: 'scheduled', dueAt: clock.now() + 1500},
      {state: 'scheduled', dueAt: clock.now() + 5},
    ])
  })

  it('takes an instant that is past for now, so that nobody comes first by naming an old one', async () => {
    const {queue, clock} = await openTestStore()

    const [answer] = await queue.add([aTask({due: {at: clock.now() - 1000}})])

    expect(answer).toMatchObject({state: 'ready', dueAt: clock.now()})
  })

  it('goes by the time of Redis, and is never early by a fraction of a millisecond', async () => {
    const {store, queue} = await openTestStore({clock: undefined})
    for (let times = 0; times < 30; times++) {
      const [seconds, micros] = (await store.redis.time()).map(Number)

      const [answer] = results(await queue.add([aTask({due: {delayMs: 10}})]))

      const before = seconds! * 1000 + micros! / 1000
      expect(answer?.dueAt).toBeGreaterThanOrEqual(before + 10)
      expect(answer?.dueAt).toBeLessThan(before + 10_000)
    }
  })

  it('reads back as it was added', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const task = aTask({
      method: 'PUT',
      payload: {kind: 'body', text: 'one\ntwo\n\n"3" – ü 🦆', contentType: 'text/plain'},
      headers: {'x-one': 'a b', __proto__x: '1'},
      flowKey: 'my own: lane#1',
      timeoutMs: 5000,
      maxErrors: 3,
      dedupKeys: ['i:given', 'k:key with spaces'],
    })

    await queue.add([task])

    const {queue: _queue, due: _due, fingerprint: _fingerprint, ...rest} = task
    expect((await inspector.find([task.id]))[0]?.task).toEqual({...rest, createdAt: clock.now()})
  })

  it('takes any number, in batches, and answers in order', async () => {
    const {queue, inspector} = await openTestStore()
    const tasks = Array.from({length: 1203}, (_, index) => aTask({flowKey: `lane ${index % 7}`}))

    const answers = results(await queue.add(tasks))

    expect(answers.map(({id}) => id)).toEqual(tasks.map(({id}) => id))
    expect((await inspector.stats()).totals).toMatchObject({ready: 1203, addedTotal: 1203})
  })

  it('takes none', async () => {
    const {queue} = await openTestStore()

    expect(await queue.add([])).toEqual([])
  })

  it('makes the queue known', async () => {
    const {store} = await openTestStore()

    await store.queue('mails').add([aTask({queue: 'mails'})])

    expect(await store.queueNames()).toEqual(['default', 'mails'])
  })
})

describe('add, of an id that is there already,', () => {
  it.each(taskStates)('adds nothing and tells the state: %s', async (state) => {
    const {queue, inspector} = await openTestStore()
    const task = await bringTo(state, queue)
    const before = await inspector.find([task.id])

    const [answer] = await queue.add([task])

    expect(answer).toEqual({id: task.id, queue: 'default', state, dueAt: before[0]?.dueAt, duplicate: true})
    expect(await inspector.find([task.id])).toEqual(before)
    expect((await inspector.stats()).totals.addedTotal).toBe(1)
  })

  it('adds nothing while an attempt after an error runs', async () => {
    const {queue, clock} = await openTestStore()
    const task = await bringTo('retrying', queue)
    clock.advance(60_000)
    await queue.claim(claimOptions)

    expect(await queue.add([task])).toMatchObject([{state: 'active', dueAt: null, duplicate: true}])
    expect((await queue.claim(claimOptions)).claims).toEqual([])
  })

  it('is a conflict where the content differs', async () => {
    const {queue, inspector} = await openTestStore()
    const task = aTask()
    await queue.add([task])

    const [answer] = await queue.add([{...task, payload: {kind: 'params', text: '{"foo":"other"}'}}])

    expect(answer).toMatchObject({code: 'idempotency_conflict', id: task.id})
    expect((await inspector.find([task.id]))[0]?.task.payload).toEqual(task.payload)
  })

  it('adds one of two in the same batch', async () => {
    const {queue, inspector} = await openTestStore()
    const task = aTask()

    expect(await queue.add([task, task])).toMatchObject([{duplicate: false}, {duplicate: true}])
    expect((await inspector.stats()).totals).toMatchObject({ready: 1, addedTotal: 1})
  })

  it('is a conflict where what is stored is damaged, and does not keep the others out', async () => {
    const {store, queue, namespace} = await openTestStore()
    const [bad, good] = [aTask(), aTask()]
    await queue.add([bad])
    await store.redis.hset(taskKey(namespace), bad.id, 'garbage')

    const answers = await queue.add([bad, good])

    expect(answers).toMatchObject([{code: 'idempotency_conflict'}, {id: good.id, duplicate: false}])
  })
})

describe('add wakes dispatchers', () => {
  it('with the name of the queue, once per batch, and not for a duplicate', async () => {
    const {store} = await openTestStore()
    const woken: string[] = []
    const subscription = await store.onWake((queue) => woken.push(queue))
    const task = aTask({queue: 'mails'})

    await store.queue('mails').add([task, aTask({queue: 'mails'})])
    await store.queue('mails').add([task])
    await store.queue('default').add([aTask()])

    await expect.poll(() => woken).toEqual(['mails', 'default'])
    subscription.stop()
  })

  it('but not those that go by the name of who adds', async () => {
    const {store, namespace} = await openTestStore({self: 'me'})
    const {store: other} = await openTestStore({self: 'other', namespace})
    const woken: string[] = []
    const subscriptions = [
      await store.onWake(() => woken.push('me')),
      await other.onWake((queue) => woken.push(`other, ${queue}`)),
    ]

    await store.queue('default').add([aTask()])
    await other.queue('mails').add([aTask({queue: 'mails'})])

    await expect.poll(() => woken.toSorted()).toEqual(['me', 'other, default'])
    for (const subscription of subscriptions) subscription.stop()
  })
})
