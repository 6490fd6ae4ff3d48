import {describe, expect, it} from 'vitest'

import {openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

describe('POST /tasks with one task', () => {
  it('creates it and says where it is', async () => {
    const {ask} = await openEndpoint()

    const {status, headers, body} = await ask('/tasks', {json: {url, params: {a: 1}}})
    const location = headers.get('location') ?? ''

    expect([status, location]).toEqual([201, `/tasks/${body.id}`])
    expect((await ask(location)).body).toMatchObject({id: body.id, url, params: {a: 1}})
  })

  it('names the queue in the location, so that it leads to one task', async () => {
    const {ask} = await openEndpoint()
    await ask('/tasks', {json: {url, id: 'a'}})

    const {headers} = await ask('/tasks', {json: {url, id: 'a', queue: 'mails'}})

    expect((await ask(headers.get('location') ?? '')).body).toMatchObject({id: 'a', queue: 'mails'})
  })

  it('answers 200 to a repeat, which creates nothing', async () => {
    const {ask} = await openEndpoint()
    const asked = {json: {url}, headers: {'idempotency-key': 'k'}}
    const first = await ask('/tasks', asked)

    const again = await ask('/tasks', asked)

    expect([again.status, again.body.duplicate, again.headers.get('location')]).toEqual([
      200,
      true,
      first.headers.get('location'),
    ])
  })

  it('keeps numbers and the order of keys as written', async () => {
    const {ask, tasks} = await openEndpoint()
    const params = '{"z":1.0,"10":12345678901234567890,"2":1e20}'

    await ask('/tasks', {body: `{"url":"${url}","params":${params}}`, headers: {'content-type': 'application/json'}})

    expect(tasks).toMatchObject([{payload: {kind: 'params', text: params}}])
    expect((await ask(`/tasks/${tasks[0]?.id}`)).text).toContain(`"params":${params}`)
  })

  it.each([
    ['a form', {form: {url}}, 415, 'unsupported_media_type'],
    ['no content type', {body: new TextEncoder().encode('{"url"')}, 400, 'invalid_json'],
    ['an empty body', {body: '', headers: {'content-type': 'application/json'}}, 400, 'invalid_json'],
    ['a string', {json: url}, 400, 'invalid_json'],
    ['a byte order mark', {body: `\ufeff{"url":"${url}"}`, headers: {'content-type': 'application/json'}}, 400, 'invalid_json'],
    ['a task over 1 MiB', {json: {url, body: 'a'.repeat(1 << 20)}}, 413, 'too_large'],
  ])('refuses %s', async (_what, asked, status, code) => {
    const {ask, tasks} = await openEndpoint()

    const reply = await ask('/tasks', {method: 'POST', ...asked})

    expect([reply.status, reply.body.error?.code, tasks]).toEqual([status, code, []])
  })

  it('refuses a query string', async () => {
    const {ask} = await openEndpoint()

    expect((await ask('/tasks?queue=mails', {json: {url}})).body.error).toMatchObject({code: 'unknown_field', field: 'queue'})
  })
})
