import {describe, expect, it} from 'vitest'

import {UrlScope} from '../../src/task/url-scope.js'
import {type Asked, openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'

describe('POST /hooks/add', () => {
  const form = 'application/x-www-form-urlencoded'
  const bad: [what: string, asked: Asked, status: number, code: string, field?: string][] = [
    ['no url', {form: {params: '{}'}}, 400, 'invalid_url', 'url'],
    ['an empty body', {body: '', method: 'POST'}, 400, 'invalid_url', 'url'],
    ['a bad url', {form: {url: 'ftp://h/'}}, 400, 'invalid_url', 'url'],
    ['a relative url without a base', {form: {url: '/hooks/do/foo'}}, 400, 'invalid_url', 'url'],
    ['an unknown field', {form: {url, colour: 'red'}}, 400, 'unknown_field', 'colour'],
    ['an unknown JSON field', {json: {url, colour: 'red'}}, 400, 'unknown_field', 'colour'],
    ['params that are no object', {form: {url, params: '[1]'}}, 400, 'invalid_params', 'params'],
    ['params that are no JSON', {form: {url, params: "{'a'}"}}, 400, 'invalid_params', 'params'],
    ['a negative delay', {form: {url, delay: '-1'}}, 400, 'invalid_delay', 'delay'],
    ['an absurd delay', {form: {url, delay: '367d'}}, 400, 'invalid_delay', 'delay'],
    ['a bad queue name', {form: {url, queue: 'A b'}}, 400, 'invalid_queue', 'queue'],
    ['a NUL in a queue name', {form: {url, queue: 'a\0'}}, 400, 'invalid_queue', 'queue'],
    ['two payloads', {form: {url, params: '{}', json: '1'}}, 400, 'invalid_request', 'json'],
    ['a bad escape', {body: 'url=%zz', headers: {'content-type': form}}, 400, 'invalid_request'],
    ['bytes that are no UTF-8', {body: new Uint8Array([117, 61, 255]), headers: {'content-type': form}}, 400, 'invalid_request'],
    ['a NUL byte', {body: 'url=a\0b', headers: {'content-type': form}}, 400, 'invalid_request'],
    ['broken JSON', {body: '{"url":', headers: {'content-type': 'application/json'}}, 400, 'invalid_json'],
    ['JSON that is an array', {json: [{url}]}, 400, 'invalid_json'],
    ['a key given twice', {body: '{"url":"a","url":"b"}', headers: {'content-type': 'application/json'}}, 400, 'invalid_json'],
    [
      'JSON nested 100,000 deep',
      {body: '{"json":'.repeat(1e5), headers: {'content-type': 'application/json'}},
      400,
      'invalid_json',
    ],
    ['plain text', {body: `url=${url}`, headers: {'content-type': 'text/plain'}}, 415, 'unsupported_media_type'],
    ['a content type that is none', {body: `url=${url}`, headers: {'content-type': ';;;'}}, 415, 'unsupported_media_type'],
    [
      'another charset',
      {body: `url=${url}`, headers: {'content-type': `${form}; charset=latin1`}},
      415,
      'unsupported_media_type',
    ],
    [
      'a compressed body',
      {body: 'x', headers: {'content-type': form, 'content-encoding': 'gzip'}},
      415,
      'unsupported_media_type',
    ],
    ['more than 1 MiB', {body: 'a'.repeat((1 << 20) + 1), headers: {'content-type': form}}, 413, 'too_large'],
  ]
  it.each(bad)('refuses %s, and queues nothing', async (_what, asked, status, code, field) => {
    const {ask, tasks, bugs} = await openEndpoint()

    const reply = await ask('/hooks/add', asked)

    expect(reply.status).toBe(status)
    expect(reply.body.error).toMatchObject({code, message: expect.any(String), ...(field && {field})})
    expect(reply.headers.get('content-length')).toBe(String(Buffer.byteLength(reply.text)))
    expect([tasks, bugs]).toEqual([[], []])
  })

  it('refuses bad fields in the query string too', async () => {
    const {ask} = await openEndpoint()

    const replies = await Promise.all([ask('/hooks/add?colour=red', {form: {url}}), ask('/hooks/add?url=%zz', {method: 'POST'})])

    expect(replies.map(({status, body}) => [status, body.error?.code])).toEqual([
      [400, 'unknown_field'],
      [400, 'invalid_request'],
    ])
  })

  it('refuses what is outside of the scope at every door', async () => {
    const {ask, tasks} = await openEndpoint({baseTaskUrl: 'http://h/api/', scope: new UrlScope('http://h/api/')})
    const outside = 'http://h/other'

    const one = await Promise.all([ask('/hooks/add', {form: {url: outside}}), ask('/tasks', {json: {url: outside}})])
    const many = await ask('/tasks', {json: [{url: outside}, {url: 'x'}]})

    for (const {status, body} of one) expect([status, body.error?.code]).toEqual([400, 'invalid_url'])
    expect(many.list.map(({error}) => error?.code)).toEqual(['invalid_url', undefined])
    expect(tasks.map((task) => task.url)).toEqual(['http://h/api/x'])
  })

  it('takes a body of exactly 1 MiB', async () => {
    const {ask} = await openEndpoint()
    const head = `url=${url}&params={}&body=`

    const {status, body} = await ask('/hooks/add', {body: head.padEnd(1 << 20, ' '), headers: {'content-type': form}})

    // Read in full: what is wrong is its content.
    expect([status, body.error?.code]).toEqual([400, 'invalid_request'])
  })
})
