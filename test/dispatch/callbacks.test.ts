import {describe, expect, it} from 'vitest'

import type {TaskFields} from '../../src/task/fields.js'
import {newTask} from '../../src/task/new-task.js'
import {withCallback} from '../../src/task/callback.js'
import {newRun} from '../../src/task/task.js'
import {claimOne, complete, hold, keepAll} from '../support/attempts.js'
import {openDispatcher, testPolicy} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** A dispatcher, a target with this status, and who is to be told. */
async function deliver(status: number, fields: (told: string) => TaskFields, policy = {}) {
  const target = await openReceiver({status, body: 'the answer'})
  const told = await openReceiver({status: 500})
  const opened = await openDispatcher({policy: {...testPolicy, maxErrors: 2, ...policy}})
  const task = newTask({url: target.url(), ...fields(told.url('/told'))})
  await opened.queue.add([task])
  const totals = async () => (await opened.inspector.stats()).totals
  return {...opened, target, told, task, totals}
}

describe('a callback', () => {
  it('tells that a task is dead, and of its last attempt, and nobody of its own end', async () => {
    const fields = (told: string) => ({
      onDead: told,
      params: '{"n":1.0}',
      headers: '{"authorization":"Bearer secret"}',
      traceparent: parent,
    })
    const {told, task, totals, inspector} = await deliver(503, fields, {onDead: 'http://127.0.0.1:9/never'})

    const [call] = await told.received(1)

    expect(call).toMatchObject({method: 'POST', url: '/told', headers: {'content-type': 'application/json', traceparent: parent}})
    expect(call!.headers['webhook-id']).toContain(`${task.id}-dead-2-`)
    expect(call!.body).not.toContain('secret')
    expect(call!.body).toContain('"params":{"n":1.0}')
    expect(JSON.parse(call!.body)).toMatchObject({
      event: 'task.dead',
      task: {id: task.id, queue: 'default', state: 'dead', url: task.url, attempt: 2, errors: 2},
      lastAttempt: {attempt: 2, status: 503, error: 'http_status', response: 'the answer'},
      traceId: parent.slice(3, 35),
    })
    // The callback itself fails as often, and dies, and that is the end of it.
    await expect.poll(totals, patiently).toMatchObject({dead: 2, ready: 0, retrying: 0, addedTotal: 2})
    const ended = Date.parse((JSON.parse(call!.body) as {task: {endedAt: string}}).task.endedAt)
    expect(Math.abs(ended - (await inspector.find([task.id]))[0]!.endedAt!)).toBeLessThan(5000)
  })

  it('tells that a task is delivered, by the flags of serve where the task says nothing', async () => {
    const told = await openReceiver()
    const {task, totals} = await deliver(200, () => ({}), {onDelivered: told.url('/done')})

    const [call] = await told.received(1)

    expect(call!.headers['webhook-id']).toContain(`${task.id}-delivered-1-`)
    expect(JSON.parse(call!.body)).toMatchObject({event: 'task.delivered', lastAttempt: {status: 200, error: null}})
    await expect.poll(totals, patiently).toMatchObject({delivered: 2, addedTotal: 2})
  })

  it('tells nobody where the task says none, or has ended in the other way', async () => {
    const other = await openReceiver()
    const {totals, told} = await deliver(200, (url) => ({onDelivered: 'none', onDead: url}), {onDelivered: other.url()})

    await expect.poll(totals, patiently).toMatchObject({delivered: 1})

    expect((await totals()).addedTotal).toBe(1)
    expect([...told.calls, ...other.calls]).toEqual([])
  })

  it('is added in the step that settles, once however often that is sent, and again after another end', async () => {
    const {queue, inspector} = await openTestStore()
    const claim = await hold(queue, {onDead: 'http://127.0.0.1:8/told', payload: {kind: 'json', text: '"é🦆"'}})
    const settled = (op: 'bury', held: typeof claim) => {
      const verdict = {op, run: {...newRun, attempts: held.attempt, errors: 1}} as const
      const policy = {...testPolicy, onDead: 'http://127.0.0.1:8/told'}
      const context = {task: held.task, queue: 'default', policy, endedAt: 1}
      return {task: held.task, attempt: held.attempt, verdict: withCallback(verdict, context)}
    }

    const late = [await queue.settle([settled('bury', claim)], keepAll), await queue.settle([settled('bury', claim)], keepAll)]

    expect(late.map(({length}) => length)).toEqual([0, 1])
    expect((await inspector.stats()).totals).toMatchObject({dead: 1, ready: 1, addedTotal: 2})
    const [dead] = await inspector.find([claim.task.id])
    expect(dead?.run).toMatchObject({attempts: 1, errors: 1, history: []})
    const callback = await claimOne(queue)
    expect(callback.task).toMatchObject({flowKey: 'http://127.0.0.1:8', onDead: '', onDelivered: ''})
    expect(callback.task.payload).toMatchObject({text: expect.stringContaining('"json":"é🦆"')})
    await queue.settle([complete(callback)], keepAll)
    await queue.revive([claim.task.id], {states: ['dead']})
    await queue.settle([settled('bury', await claimOne(queue))], keepAll)
    expect((await claimOne(queue)).task.id).toContain(`${claim.task.id}-dead-2-`)
  })

  it('is another one where the id was free and is used again', async () => {
    const {queue, clock} = await openTestStore()
    const told: string[] = []
    for (let round = 0; round < 2; round++) {
      const claim = await hold(queue, {id: 'order-1', onDelivered: 'http://127.0.0.1:8/told'})
      const context = {
        task: claim.task,
        queue: 'default',
        policy: {...testPolicy, onDelivered: 'http://127.0.0.1:8/told'},
        endedAt: 1,
      }
      const {verdict, ...rest} = complete(claim)
      await queue.settle([{...rest, verdict: withCallback(verdict, context)}], keepAll)
      const callback = await claimOne(queue)
      await queue.settle([complete(callback)], keepAll)
      told.push(callback.task.id)
      await queue.purge(['order-1'], {states: ['delivered']})
      clock.advance(1)
    }

    expect(new Set(told).size).toBe(2)
  })

  it('is refused where it may not go, by its own name', () => {
    const egress = {judgeLiteral: (url: string) => (url.includes('169.254') ? 'link-local' : null)}
    const make = (onDead: string) => newTask({url: 'http://127.0.0.1:9/', onDead}, {egress})

    expect(() => make('http://169.254.169.254/')).toThrowError(expect.objectContaining({code: 'egress_denied', field: 'onDead'}))
    expect(() => make('ftp://a/')).toThrowError(expect.objectContaining({code: 'invalid_url', field: 'onDead'}))
    expect(make('none')).toMatchObject({onDead: ''})
  })

  it('has an id of 64 characters at most', () => {
    const task = {...newTask({url: 'http://127.0.0.1:9/', id: 'x'.repeat(64)}), createdAt: 0}
    const verdict = {op: 'bury', run: {...newRun, attempts: 123}} as const
    const context = {task, queue: 'default', policy: {...testPolicy, onDead: 'http://127.0.0.1:8/'}, endedAt: 0}

    const {callback} = withCallback(verdict, context)

    expect(callback!.id).toMatch(/^[\w-]{22}-dead-123-0$/)
  })
})
