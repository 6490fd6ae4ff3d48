import {describe, expect, it} from 'vitest'

import {taskStates} from '../../src/task/task.js'
import {bringTo} from '../support/attempts.js'
import {openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

describe('/tasks/:id', () => {
  it('shows a task with its attempts', async () => {
    const {ask, store} = await openEndpoint()
    await bringTo('dead', store.queue('default'), {id: 'a', maxErrors: 1})

    const {status, body} = await ask('/tasks/a')

    expect(status).toBe(200)
    expect(body).toMatchObject({id: 'a', state: 'dead', errors: 1, maxErrors: 1, timeoutMs: 30_000, attempts: []})
  })

  it('says why a task is not delivered, and what holds for it', async () => {
    const {ask, store} = await openEndpoint()
    await bringTo('ready', store.queue('default'), {id: 'a', timeoutMs: 5000})
    await ask('/queues/default', {method: 'PUT', json: {maxErrors: 3, waits: '1s,2s'}})
    await ask('/queues/default/pause', {method: 'POST', json: {reason: 'rebuild'}})

    expect((await ask('/tasks/a/why')).body).toMatchObject({
      id: 'a',
      nextAttemptAt: null,
      reasons: [{code: 'no_serve'}, {code: 'paused', help: {command: 'torque resume default'}}],
    })
    expect((await ask('/tasks/a')).body).toMatchObject({
      maxErrors: 3,
      policy: {
        timeoutMs: {value: 5000, from: 'task'},
        maxErrors: {value: 3, from: 'queue'},
        waitsMs: {value: [1000, 2000], from: 'queue'},
      },
    })
    expect((await ask('/tasks/none/why')).status).toBe(404)
  })

  it('wants the queue named where two hold the id', async () => {
    const {ask} = await openEndpoint()
    await ask('/tasks', {
      json: [
        {url, id: 'a'},
        {url, id: 'a', queue: 'mails'},
      ],
    })

    const [show, remove, named] = [
      await ask('/tasks/a'),
      await ask('/tasks/a', {method: 'DELETE'}),
      await ask('/tasks/a?queue=mails'),
    ]

    expect([show, remove].map(({status, body}) => [status, body.error?.code])).toEqual([
      [409, 'ambiguous_id'],
      [409, 'ambiguous_id'],
    ])
    expect(named.body.queue).toBe('mails')
  })

  it.each(taskStates)('deletes a task that is %s', async (state) => {
    const {ask, store} = await openEndpoint()
    await bringTo(state, store.queue('default'), {id: 'a'})

    const {status, body} = await ask('/tasks/a', {method: 'DELETE'})

    expect([status, body]).toEqual([200, {matched: 1, changed: 1, skipped: 0, failed: 0, dryRun: false}])
    expect((await ask('/tasks/a')).status).toBe(404)
  })

  it.each(['dead', 'retrying', 'scheduled'] as const)('retries a task that is %s', async (state) => {
    const {ask, store} = await openEndpoint()
    await bringTo(state, store.queue('default'), {id: 'a'})

    const {status, body} = await ask('/tasks/a/retry', {method: 'POST'})

    expect([status, body.changed]).toEqual([200, 1])
    expect((await ask('/tasks/a')).body).toMatchObject({state: 'ready', errors: 0})
  })

  it.each(['ready', 'active', 'delivered'] as const)('answers 409 to a retry of a task that is %s', async (state) => {
    const {ask, store} = await openEndpoint()
    await bringTo(state, store.queue('default'), {id: 'a'})

    const {status, body} = await ask('/tasks/a/retry', {method: 'POST'})

    expect([status, body.error?.code]).toEqual([409, 'conflict'])
    expect((await ask('/tasks/a')).body.state).toBe(state)
  })

  it('takes an empty JSON object with a retry', async () => {
    const {ask, store} = await openEndpoint()
    await bringTo('dead', store.queue('default'), {id: 'a'})

    expect((await ask('/tasks/a/retry', {json: {}})).status).toBe(200)
  })
})
