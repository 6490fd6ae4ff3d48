import {describe, expect, it} from 'vitest'

import {openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

describe('POST /hooks/add', () => {
  it('queues what the seed says to post, and answers with its id', async () => {
    const {ask, store} = await openEndpoint()

    const {status, headers, text, body} = await ask('/hooks/add', {form: {url, params: '{"foo": "somevalue", "baz": 99}'}})

    expect(status).toBe(200)
    expect(headers.get('content-length')).toBe(String(text.length))
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-z]{20}$/),
      queue: 'default',
      state: 'ready',
      dueAt: expect.any(String),
      duplicate: false,
    })
    const [record] = await store.inspector.find([body.id])
    expect(record?.task).toMatchObject({url, payload: {kind: 'params', text: '{"foo": "somevalue", "baz": 99}'}})
  })

  it('takes a JSON body with the same fields', async () => {
    const {ask, tasks} = await openEndpoint()

    const {status, body} = await ask('/hooks/add', {
      json: {url, params: {foo: 'somevalue'}, delay: 2.5, queue: 'mails', maxErrors: 3},
    })

    expect([status, body.state, body.queue]).toEqual([200, 'scheduled', 'mails'])
    expect(tasks).toMatchObject([{due: {delayMs: 2500}, maxErrors: 3, payload: {text: '{"foo":"somevalue"}'}}])
  })

  it('says when a delayed task is due', async () => {
    const {ask} = await openEndpoint()
    const before = Date.now()

    const {body} = await ask('/hooks/add', {form: {url, delay: '90'}})

    expect(Date.parse(body.dueAt) - before).toBeGreaterThanOrEqual(90_000)
    expect(Date.parse(body.dueAt) - before).toBeLessThan(95_000)
  })

  it('takes every field', async () => {
    const {ask, tasks} = await openEndpoint()
    const form = {
      url,
      method: 'put',
      body: ' as it is ',
      contentType: 'text/csv',
      headers: '{"X-A":"b"}',
      queue: 'q',
      id: 'mine',
      timeout: '5s',
      maxErrors: '1',
      flowKey: 'f',
    }

    const {status} = await ask('/hooks/add', {form: {...form, at: '2026-11-23T17:00:00Z'}})

    expect(status).toBe(200)
    expect(tasks).toMatchObject([
      {
        method: 'PUT',
        payload: {kind: 'body', text: ' as it is ', contentType: 'text/csv'},
        headers: {'x-a': 'b'},
        queue: 'q',
        id: 'mine',
        timeoutMs: 5000,
        maxErrors: 1,
        flowKey: 'f',
        due: {at: Date.UTC(2026, 10, 23, 17)},
      },
    ])
  })

  it('merges the query string, which the body overrides, and takes the last of a name', async () => {
    const {ask, tasks} = await openEndpoint()

    await ask('/hooks/add?queue=a&delay=1&flowKey=x&flowKey=y', {
      body: `url=${url}&queue=b&queue=c`,
      headers: {'content-type': 'application/x-www-form-urlencoded'},
    })

    expect(tasks).toMatchObject([{queue: 'c', due: {delayMs: 1000}, flowKey: 'y'}])
  })

  it('takes a request whose fields all stand in the query string', async () => {
    const {ask, tasks} = await openEndpoint()

    const {status} = await ask(`/hooks/add?url=${encodeURIComponent(url)}&params=${encodeURIComponent('{"a":"é"}')}`, {
      method: 'POST',
    })

    expect(status).toBe(200)
    expect(tasks).toMatchObject([{url, payload: {text: '{"a":"é"}'}}])
  })

  it('trims blanks and takes empty for absent', async () => {
    const {ask, tasks} = await openEndpoint()

    const {status} = await ask('/hooks/add', {form: {url: ` ${url}\n`, params: ' ', delay: '', queue: '  '}})

    expect(status).toBe(200)
    expect(tasks).toMatchObject([{url, queue: 'default', payload: {kind: 'none'}, due: {delayMs: 0}}])
  })

  it('answers to /add_task and takes queue_name, as later versions of the original did', async () => {
    const {ask, tasks} = await openEndpoint()

    const {status} = await ask('/add_task', {form: {url, queue_name: 'mails'}})

    expect(status).toBe(200)
    expect(tasks).toMatchObject([{queue: 'mails'}])
  })

  it('resolves a relative url against the base', async () => {
    const {ask, tasks} = await openEndpoint({baseTaskUrl: 'http://mywebservice.com'})

    await ask('/hooks/add', {form: {url: '/hooks/do/foo'}})

    expect(tasks).toMatchObject([{url}])
  })

  it('takes a form without a content type', async () => {
    const {ask, tasks} = await openEndpoint()

    const {status} = await ask('/hooks/add', {body: new TextEncoder().encode(`url=${url}`)})

    expect([status, tasks.length]).toEqual([200, 1])
  })
})
