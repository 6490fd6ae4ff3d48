import {describe, expect, it} from 'vitest'

import {EgressPolicy} from '../../src/task/address.js'
import {newTask} from '../../src/task/new-task.js'
import {openDeliverer} from '../support/deliverer.js'
import {openDispatcher, testPolicy} from '../support/dispatcher.js'
import {patiently} from '../support/patiently.js'
import {type Answer, type Answers, openReceiver} from '../support/receiver.js'

/** A dispatcher and a receiver, and a task that was added for it; `until` waits for the task's state. */
async function deliverOne(answers: Answers, options: Parameters<typeof openDispatcher>[0] = {}) {
  const receiver = await openReceiver(answers)
  const opened = await openDispatcher(options)
  const task = newTask({url: receiver.url()})
  await opened.queue.add([task])
  const record = async () => (await opened.inspector.find([task.id]))[0]
  const until = async (state: string) => {
    await expect.poll(async () => (await record())?.state, patiently).toBe(state)
    return (await record())!
  }
  /** How long each call came after the one before it, in ms. */
  const gaps = () => receiver.calls.slice(1).map(({at}, index) => at - receiver.calls[index]!.at)
  return {...opened, receiver, task, record, until, gaps}
}

const inOrder =
  (...answers: Answer[]): Answers =>
  (_call, index) =>
    answers[index] ?? {}

describe('Dispatcher', () => {
  it('calls again after each error, never before its backoff is over', async () => {
    const policy = {...testPolicy, minBackoffMs: 100, maxBackoffMs: 300, factor: 2}
    const {until, gaps, receiver} = await deliverOne(inOrder(...Array<Answer>(4).fill({status: 500})), {policy})

    const {run} = await until('delivered')

    expect(run).toMatchObject({attempts: 5, errors: 4})
    expect(receiver.calls.map(({headers}) => headers['torque-attempt'])).toEqual(['1', '2', '3', '4', '5'])
    // Less the jitter of a fifth.
    for (const [index, least] of [80, 160, 240, 240].entries()) expect(gaps()[index]).toBeGreaterThanOrEqual(least)
  })

  it.each([
    ['in seconds', () => '1', 1000],
    // A date has whole seconds only.
    ['as a date', () => new Date(Date.now() + 2000).toUTCString(), 900],
  ])('waits as long as a Retry-After %s asks', async (_how, retryAfter, leastMs) => {
    const {until, gaps} = await deliverOne((_call, index) =>
      index === 0 ? {status: 503, headers: {'retry-after': retryAfter()}} : {},
    )

    await until('delivered')

    expect(gaps()[0]).toBeGreaterThanOrEqual(leastMs)
  })

  it('does not wait less than the backoff for a Retry-After', async () => {
    const policy = {...testPolicy, minBackoffMs: 60_000, maxBackoffMs: 60_000, factor: 1}
    const {until} = await deliverOne({status: 503, headers: {'retry-after': '0'}}, {policy})

    const {dueAt} = await until('retrying')

    expect(dueAt).toBeGreaterThan(Date.now() + 40_000)
  })

  it.each([
    ['410', {status: 410}, 'gone'],
    ['torque-retry: no', {status: 500, headers: {'torque-retry': 'no'}}, 'no_retry'],
  ])('buries at once what was answered with %s', async (_name, answer, error) => {
    const {until, receiver} = await deliverOne(answer)

    const {run} = await until('dead')

    expect(run.history).toMatchObject([{attempt: 1, error}])
    expect(receiver.calls).toHaveLength(1)
  })

  it('buries at once what may not be called', async () => {
    const deliverer = openDeliverer({egress: new EgressPolicy({mode: 'public'})})
    const {until, receiver} = await deliverOne({}, {deliverer})

    const {run} = await until('dead')

    expect(run.history).toMatchObject([{attempt: 1, error: 'egress_denied', status: null}])
    expect(receiver.calls).toEqual([])
  })

  it('buries a task on its last error, and with one error allowed never calls it again', async () => {
    const {until, receiver} = await deliverOne({status: 500}, {policy: {...testPolicy, maxErrors: 1}})

    const {run} = await until('dead')

    expect(run).toMatchObject({attempts: 1, errors: 1})
    expect(receiver.calls).toHaveLength(1)
  })

  it('keeps no delivered task where none is to be kept', async () => {
    const {store, inspector, namespace, receiver, record} = await deliverOne({}, {keepDelivered: 0})

    await receiver.received(1)
    await expect.poll(record, patiently).toBeUndefined()

    expect((await inspector.stats()).totals).toMatchObject({delivered: 0, deliveredTotal: 1})
    const left = (await store.redis.keys(`{${namespace}:default}:*`)).map((key) => key.split('}:')[1])
    expect(left.toSorted()).toEqual(['counters', 'proven'])
  })

  it('keeps the newest of the delivered tasks, as many as it is to', async () => {
    const {queue, inspector, until, receiver} = await deliverOne({}, {keepDelivered: 2})
    await until('delivered')
    const later = Array.from({length: 3}, () => newTask({url: receiver.url()}))
    for (const [index, task] of later.entries()) {
      await queue.add([task])
      await expect.poll(async () => (await inspector.stats()).totals.deliveredTotal, patiently).toBe(index + 2)
    }

    const {records} = await inspector.page({states: ['delivered'], limit: 10})

    expect(records.map(({task}) => task.id)).toEqual([later[2]!.id, later[1]!.id])
  })

  it('drops dead tasks when they are old enough, and keeps the others', async () => {
    const {inspector, queue, receiver, task, until} = await deliverOne({status: 410}, {keepDeadMs: 700, leaseMs: 300})
    await until('dead')
    await expect.poll(async () => (await inspector.find([task.id])).length, patiently).toBe(0)
    const young = newTask({url: receiver.url()})
    await queue.add([young])

    await receiver.received(2)

    await expect.poll(async () => (await inspector.find([young.id]))[0]?.state, patiently).toBe('dead')
    expect((await inspector.stats()).totals.deadTotal).toBe(2)
  })
})
