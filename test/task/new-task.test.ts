import {describe, expect, it} from 'vitest'

import type {TaskFields} from '../../src/task/fields.js'
import {newTask} from '../../src/task/new-task.js'

const url = 'http://mywebservice.com/hooks/do/foo'
const now = Date.UTC(2026, 10, 23, 17)
const make = (fields: TaskFields) => newTask({url, ...fields}, {now})

/** [fields, code, field] of requests to be refused. */
type Refusal = [TaskFields, string, string]

describe('newTask', () => {
  it('makes a task of nothing but a url', () => {
    expect(make({})).toEqual({
      id: expect.stringMatching(/^[0-9a-z]{20}$/),
      url,
      method: 'POST',
      payload: {kind: 'none'},
      headers: {},
      flowKey: 'http://mywebservice.com',
      dedupKeys: [],
      queue: 'default',
      due: {delayMs: 0},
      fingerprint: '',
    })
  })

  it('makes a task of every field', () => {
    const fields = {
      params: '{"foo": "somevalue", "baz": 99}',
      method: 'put',
      headers: '{"X-A":"b"}',
      delay: '2.5',
      queue: 'mail_2-x',
      id: 'Order_42-7',
      idempotencyKey: 'order 42/7 "paid"',
      timeout: '5m',
      maxErrors: '3',
      flowKey: 'customer 42',
    }

    expect(make(fields)).toEqual({
      id: 'Order_42-7',
      url,
      method: 'PUT',
      payload: {kind: 'params', text: fields.params},
      headers: {'x-a': 'b'},
      flowKey: 'customer 42',
      timeoutMs: 300_000,
      maxErrors: 3,
      dedupKeys: ['i:Order_42-7', 'k:order 42/7 "paid"'],
      queue: 'mail_2-x',
      due: {delayMs: 2500},
      fingerprint: expect.any(String),
    })
  })

  it('trims blanks and takes what is empty then as absent', () => {
    const blank = {
      params: ' ',
      json: '',
      contentType: '\n',
      method: '',
      headers: ' ',
      delay: '\t',
      at: '',
      queue: ' ',
      id: '',
      timeout: ' ',
      maxErrors: '',
    }

    expect(newTask({...blank, url: ` ${url}\r\n`, flowKey: ' k ', idempotencyKey: '  '}, {now})).toMatchObject({
      url,
      payload: {kind: 'none'},
      flowKey: 'k',
      dedupKeys: [],
      queue: 'default',
    })
  })

  it('keeps params and json as written, and a body with its blanks', () => {
    expect(make({params: ' {"a": 1.0,\n"10":1e20} '}).payload).toEqual({kind: 'params', text: '{"a": 1.0,\n"10":1e20}'})
    expect(make({json: ' [1.0, {"b":null}]'}).payload).toEqual({kind: 'json', text: '[1.0, {"b":null}]'})
    expect(make({json: 'null'}).payload).toEqual({kind: 'json', text: 'null'})
    expect(make({body: ' \n'}).payload).toEqual({kind: 'body', text: ' \n', contentType: 'text/plain; charset=utf-8'})
    expect(make({body: '<a/>', contentType: 'application/xml; charset="utf-8"'}).payload).toMatchObject({
      contentType: 'application/xml; charset="utf-8"',
    })
  })

  it('resolves a relative url against the base', () => {
    const task = newTask({url: '/hooks/do/foo', params: '{"a":1}'}, {baseTaskUrl: 'http://mywebservice.com'})

    expect(task).toMatchObject({url, flowKey: 'http://mywebservice.com'})
  })

  it.each([
    ['2026-11-23T17:00:08Z', Date.UTC(2026, 10, 23, 17, 0, 8)],
    ['2026-11-23T17:00:08.123Z', Date.UTC(2026, 10, 23, 17, 0, 8, 123)],
    ['2026-11-23T17:00:08.1230001Z', Date.UTC(2026, 10, 23, 17, 0, 8, 124)],
    ['2026-11-23T19:30:00+02:00', Date.UTC(2026, 10, 23, 17, 30)],
    ['2026-11-23T11:30-0530', Date.UTC(2026, 10, 23, 17)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1790000000', 1_790_000_000_000],
    ['1790000000.25', 1_790_000_000_250],
    ['0', 0],
    ['2027-11-24T17:00:00Z', now + 366 * 86_400_000],
  ])('is due at %s', (at, due) => {
    expect(make({at}).due).toEqual({at: due})
  })

  it.each<Refusal>([
    [{url: undefined}, 'invalid_url', 'url'],
    [{url: '  '}, 'invalid_url', 'url'],
    [{url: '/hooks/do/foo'}, 'invalid_url', 'url'],
    [{url: 'http://127.1/'}, 'invalid_url', 'url'],
    [{params: '[1]'}, 'invalid_params', 'params'],
    [{params: '"a"'}, 'invalid_params', 'params'],
    [{params: "{'foo', 'somevalue'}"}, 'invalid_params', 'params'],
    [{params: '\ufeff{}'}, 'invalid_params', 'params'],
    [{params: '{"a":1,"a":2}'}, 'invalid_params', 'params'],
    [{params: `{"a":"${'x'.repeat(1 << 20)}"}`}, 'too_large', 'params'],
    [{json: '{"a":'}, 'invalid_json', 'json'],
    [{json: 'NaN'}, 'invalid_json', 'json'],
    [{json: '"\\ud800"'}, 'invalid_json', 'json'],
    [{json: '['.repeat(200_000)}, 'invalid_json', 'json'],
    [{body: 'é'.repeat(600_000)}, 'too_large', 'body'],
    [{body: '\ud800'}, 'invalid_body', 'body'],
    [{params: '{}', json: '1'}, 'invalid_request', 'json'],
    [{params: '{}', body: 'x'}, 'invalid_request', 'body'],
    [{json: '1', body: 'x'}, 'invalid_request', 'body'],
    [{contentType: 'text/plain'}, 'invalid_content_type', 'contentType'],
    [{json: '1', contentType: 'text/plain'}, 'invalid_content_type', 'contentType'],
    [{body: 'x', contentType: 'text'}, 'invalid_content_type', 'contentType'],
    [{body: 'x', contentType: 'text/plain\r\nx: y'}, 'invalid_content_type', 'contentType'],
    [{body: 'x', contentType: 'text/é'}, 'invalid_content_type', 'contentType'],
    [{method: 'HEAD'}, 'invalid_method', 'method'],
    [{method: 'GET /x'}, 'invalid_method', 'method'],
    [{method: 'GET', json: '1'}, 'invalid_method', 'method'],
    [{method: 'GET', body: 'x'}, 'invalid_method', 'method'],
    [{headers: '{"host":"x"}'}, 'invalid_headers', 'headers'],
    [{delay: '-1'}, 'invalid_delay', 'delay'],
    [{delay: 'NaN'}, 'invalid_delay', 'delay'],
    [{delay: '9'.repeat(400)}, 'invalid_delay', 'delay'],
    [{delay: '367d'}, 'invalid_delay', 'delay'],
    [{delay: '366.0001d'}, 'invalid_delay', 'delay'],
    [{delay: '2', at: '1790000000'}, 'invalid_at', 'at'],
    [{at: 'tomorrow'}, 'invalid_at', 'at'],
    [{at: '2026-11-23T17:00:00'}, 'invalid_at', 'at'],
    [{at: '2026-11-23'}, 'invalid_at', 'at'],
    [{at: '2026-02-30T00:00:00Z'}, 'invalid_at', 'at'],
    [{at: '2027-02-29T00:00:00Z'}, 'invalid_at', 'at'],
    [{at: '2026-11-23T24:00:00Z'}, 'invalid_at', 'at'],
    [{at: '2026-11-23T17:60:00Z'}, 'invalid_at', 'at'],
    [{at: '2027-11-24T17:00:00.001Z'}, 'invalid_at', 'at'],
    [{at: '1790000000000'}, 'invalid_at', 'at'],
    [{at: '-1'}, 'invalid_at', 'at'],
    [{queue: 'Mail'}, 'invalid_queue', 'queue'],
    [{queue: '_x'}, 'invalid_queue', 'queue'],
    [{queue: 'a'.repeat(65)}, 'invalid_queue', 'queue'],
    [{id: 'a.b'}, 'invalid_id', 'id'],
    [{id: 'a'.repeat(65)}, 'invalid_id', 'id'],
    [{id: 'é'}, 'invalid_id', 'id'],
    [{idempotencyKey: 'a\nb'}, 'invalid_idempotency_key', 'idempotencyKey'],
    [{idempotencyKey: 'a'.repeat(256)}, 'invalid_idempotency_key', 'idempotencyKey'],
    [{timeout: '0.999'}, 'invalid_timeout', 'timeout'],
    [{timeout: '30m1s'}, 'invalid_timeout', 'timeout'],
    [{timeout: '31m'}, 'invalid_timeout', 'timeout'],
    [{maxErrors: '0'}, 'invalid_max_errors', 'maxErrors'],
    [{maxErrors: '1001'}, 'invalid_max_errors', 'maxErrors'],
    [{maxErrors: '1.5'}, 'invalid_max_errors', 'maxErrors'],
    [{flowKey: 'ключ'}, 'invalid_flow_key', 'flowKey'],
    [{flowKey: 'a'.repeat(256)}, 'invalid_flow_key', 'flowKey'],
  ])('refuses %j with %s', (fields, code, field) => {
    expect(() => make(fields)).toThrowError(expect.objectContaining({code, field}))
  })

  it.each([
    {delay: '366d'},
    {timeout: '1s'},
    {timeout: '30m'},
    {maxErrors: '1'},
    {maxErrors: '1000'},
    {queue: '0'},
    {queue: 'a'.repeat(64)},
    {id: 'a'.repeat(64)},
    {flowKey: 'a'.repeat(255)},
    {method: 'GET', params: '{"a":1}'},
    {method: 'DELETE', json: '1'},
    {json: `{${Array.from({length: 50_000}, (_, index) => `"${index}":0`).join(',')}}`},
    {body: 'x'.repeat(1 << 20)},
  ])('takes what is just within the limits', (fields) => {
    expect(make(fields)).toHaveProperty('fingerprint')
  })

  it('asks the egress policy about the url that will be called', () => {
    const asked: string[] = []
    const egress = {judgeLiteral: (target: string) => (asked.push(target) > 1 ? 'a private address' : null)}

    newTask({url: 'http://10.0.0.1'}, {egress})

    expect(asked).toEqual(['http://10.0.0.1/'])
    expect(() => newTask({url: 'http://10.0.0.1'}, {egress})).toThrowError(
      expect.objectContaining({code: 'egress_denied', field: 'url', message: expect.stringContaining('a private address')}),
    )
  })

  it.each([
    'params',
    'url',
    'queue',
    'id',
    'delay',
    'at',
    'method',
    'maxErrors',
    'timeout',
    'json',
    'waits',
    'factor',
    'maxAge',
    'noRetry',
  ])('quotes a bad %s cut and escaped', (name) => {
    const fields = {[name]: `\u001b[2J\u0007${'y'.repeat(5000)}`}

    expect(() => make(fields)).toThrowError(expect.objectContaining({message: expect.not.stringMatching(/\p{Control}|y{200}/u)}))
  })
})
