import {describe, expect, it} from 'vitest'

import type {TaskFields} from '../../src/task/fields.js'
import {newTask} from '../../src/task/new-task.js'
import {openDispatcher, startDispatcher, testPolicy} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {type Answers, openReceiver} from '../support/receiver.js'

/** A dispatcher, a receiver, and a task with a policy of its own. */
async function deliverOne(answers: Answers, fields: TaskFields, options: Parameters<typeof openDispatcher>[0] = {}) {
  const receiver = await openReceiver(answers)
  const opened = await openDispatcher(options)
  const task = newTask({url: receiver.url(), ...fields})
  await opened.queue.add([task])
  const until = async (state: string) => {
    const record = async () => (await opened.inspector.find([task.id]))[0]
    await expect.poll(async () => (await record())?.state, patiently).toBe(state)
    return (await record())!
  }
  const gaps = () => receiver.calls.slice(1).map(({at}, index) => at - receiver.calls[index]!.at)
  const finals = () => receiver.calls.map(({headers}) => headers['torque-final-attempt'])
  return {...opened, receiver, task, until, gaps, finals}
}

describe('Dispatcher', () => {
  it('waits as the task says, not as its own flags do, and tells the last attempt', async () => {
    const slow = {...testPolicy, minBackoffMs: 60_000, maxBackoffMs: 60_000}
    const fields = {waits: '100ms,200ms', maxErrors: '4'}
    const {until, gaps, finals} = await deliverOne({status: 500}, fields, {policy: slow})

    await until('dead')

    expect(finals()).toEqual([undefined, undefined, undefined, 'true'])
    for (const [index, least] of [80, 160, 160].entries()) expect(gaps()[index]).toBeGreaterThanOrEqual(least)
  })

  it('takes from its flags what a curve of the task leaves open', async () => {
    const {until} = await deliverOne({status: 500}, {minBackoff: '40s'}, {policy: {...testPolicy, maxBackoffMs: 50_000}})

    const {dueAt} = await until('retrying')

    expect(dueAt! - Date.now()).toBeGreaterThan(25_000)
    expect(dueAt! - Date.now()).toBeLessThanOrEqual(48_000)
  })

  it.each([
    [{success: '404,409'}, 404, 'delivered', null],
    [{success: '410'}, 410, 'delivered', null],
    [{noRetry: '4xx'}, 422, 'dead', 'no_retry'],
    [{noRetry: '4xx', success: '422'}, 422, 'delivered', null],
  ])('with %j takes %i for what it is: %s', async (fields, status, state, error) => {
    const {until, receiver} = await deliverOne({status}, fields)

    const {run} = await until(state)

    expect(run.history).toMatchObject([{status, error}])
    expect(receiver.calls).toHaveLength(1)
  })

  it('goes by lists of its own where the task has none, and by none where the task says so', async () => {
    const policy = {...testPolicy, noRetry: '400', waitsMs: [60_000]}
    const {until} = await deliverOne({status: 400}, {}, {policy})
    const other = await deliverOne({status: 400}, {noRetry: 'none'}, {policy})

    await until('dead')
    await other.until('retrying')
  })

  it('gives a task up once it is too old for another attempt, with what its last one came to', async () => {
    const {until, receiver, finals} = await deliverOne({status: 503}, {waits: '50ms,1m', maxAge: '20s'})

    const {run} = await until('dead')

    expect(run).toMatchObject({errors: 2, history: [{error: 'http_status'}, {error: 'expired', status: 503}]})
    expect(receiver.calls).toHaveLength(2)
    expect(finals()).toEqual([undefined, 'true'])
  })

  it('does not call what was too old when its turn came', async () => {
    const receiver = await openReceiver()
    const {store, queue, inspector} = await openTestStore({clock: undefined})
    const task = newTask({url: receiver.url(), maxAge: '1ms'})
    await queue.add([task])
    const dueAt = (await inspector.find([task.id]))[0]!.dueAt!
    await expect.poll(() => store.now(), patiently).toBeGreaterThan(dueAt + 2)
    await startDispatcher(store)

    await expect.poll(async () => (await inspector.find([task.id]))[0]?.state, patiently).toBe('dead')

    expect(await inspector.find([task.id])).toMatchObject([
      {run: {attempts: 1, errors: 0, history: [{attempt: 1, status: null, error: 'expired'}]}},
    ])
    expect(receiver.calls).toEqual([])
  })

  it('lets a task that was too old begin anew once it is revived', async () => {
    const {until, queue, task, receiver} = await deliverOne((_call, index) => ({status: index === 0 ? 503 : 200}), {
      waits: '1m',
      maxAge: '20s',
    })
    await until('dead')

    await queue.revive([task.id], {states: ['dead']})

    expect((await until('delivered')).run).toMatchObject({attempts: 2, errors: 0})
    expect(receiver.calls).toHaveLength(2)
  })
})
