import {describe, expect, it} from 'vitest'

import {EgressPolicy} from '../../src/task/address.js'
import {openEndpoint} from '../support/endpoint.js'

const task = {url: 'http://127.0.0.1:9/hook', params: {n: 1}, headers: {'x-team': 'billing'}}

const put = (json: unknown) => ({method: 'PUT', json})

describe('PUT /schedules/:name', () => {
  it('puts a schedule in place, which is then found, listed, paused, resumed and removed', async () => {
    const {ask, bugs} = await openEndpoint()
    const json = {cron: '0 3 * * *', tz: 'Europe/Berlin', catchUp: 'none', overlap: 'skip', queue: 'mail', task}

    const {status, body} = await ask('/schedules/nightly', put(json))

    const {queue: _queue, ...said} = json
    expect({status, body}).toMatchObject({status: 200, body: {...said, name: 'nightly', queue: 'mail', paused: false, added: 0}})
    expect((await ask('/schedules/nightly')).body).toEqual(body)
    expect((await ask('/schedules?queue=mail')).body).toEqual({schedules: [body]})
    expect((await ask('/schedules')).body).toEqual({schedules: [body]})
    expect((await ask('/schedules/nightly/pause', {method: 'POST'})).body).toMatchObject({paused: true, nextAt: null})
    expect((await ask('/schedules/nightly/resume', {method: 'POST'})).body).toEqual(body)
    expect((await ask('/schedules/nightly', {method: 'DELETE'})).body).toEqual(body)
    expect((await ask('/schedules/nightly')).body.error?.code).toBe('no_such_schedule')
    expect(bugs).toEqual([])
  })

  it('says what is wrong, and puts nothing', async () => {
    const {ask, bugs} = await openEndpoint({egress: new EgressPolicy({mode: 'internal'})})
    const refusals: [path: string, json: unknown, code: string, field: string | undefined][] = [
      ['/schedules/Nightly', {every: '1m', task}, 'invalid_schedule', 'name'],
      ['/schedules/a', {task}, 'invalid_schedule', 'cron'],
      ['/schedules/a', {every: '1m'}, 'invalid_schedule', 'task'],
      ['/schedules/a', {every: '1m', task: 'x'}, 'invalid_schedule', 'task'],
      ['/schedules/a', {every: {}, task}, 'invalid_schedule', 'every'],
      ['/schedules/a', {every: '1m', task: {...task, id: 'x'}}, 'invalid_id', 'id'],
      ['/schedules/a', {every: '1m', task: {url: 'ftp://x'}}, 'invalid_url', 'url'],
      ['/schedules/a', {every: '1m', task: {url: 'http://169.254.169.254/'}}, 'egress_denied', 'url'],
      ['/schedules/a', {every: '1m', task: {...task, colour: 'red'}}, 'unknown_field', 'colour'],
      ['/schedules/a', {every: '1m', colour: 'red', task}, 'unknown_field', 'colour'],
      ['/schedules/a', {every: '1m', queue: 'A', task}, 'invalid_queue', 'queue'],
      ['/schedules/a', [], 'invalid_json', undefined],
      ['/schedules/a?queue=mail', {every: '1m', task}, 'unknown_field', 'queue'],
    ]

    for (const [path, json, code, field] of refusals) {
      const {status, body} = await ask(path, put(json))
      expect({json, status, error: body.error}).toMatchObject({status: 400, error: {code, ...(field && {field})}})
    }
    expect((await ask('/schedules')).body).toEqual({schedules: []})
    expect(bugs).toEqual([])
  })
})

describe('GET /schedules/:name/next', () => {
  it('tells the next ticks', async () => {
    const {ask} = await openEndpoint()
    const {body} = await ask('/schedules/hourly', put({cron: '@hourly', task}))

    const next = (await ask('/schedules/hourly/next?limit=3')).body as unknown as {ticks: string[]}

    expect(next.ticks).toHaveLength(3)
    expect(next.ticks[0]).toBe((body as unknown as {nextAt: string}).nextAt)
    expect((await ask('/schedules/hourly/next?limit=0')).body.error?.code).toBe('invalid_limit')
  })
})

describe('a schedule of a name that two queues have', () => {
  it('must be named with its queue', async () => {
    const {ask} = await openEndpoint()
    await ask('/schedules/sync', put({every: '1m', task}))
    await ask('/schedules/sync', put({every: '2m', queue: 'mail', task}))

    expect((await ask('/schedules/sync', {method: 'DELETE'})).body.error?.code).toBe('ambiguous_id')
    expect((await ask('/schedules/sync?queue=mail', {method: 'DELETE'})).body).toMatchObject({queue: 'mail'})
    expect((await ask('/schedules/sync')).body).toMatchObject({queue: 'default'})
  })
})
