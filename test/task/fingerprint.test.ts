import {describe, expect, it} from 'vitest'

import {type TaskFields, fieldsFromJson, fieldsFromPairs} from '../../src/task/fields.js'
import {newTask} from '../../src/task/new-task.js'

const url = 'http://mywebservice.com/hooks/do/foo'
const now = Date.UTC(2026, 10, 23, 17)
const make = (fields: TaskFields) => newTask({url, ...fields}, {now})

describe('the fingerprint of a new task', () => {
  const print = (fields: TaskFields) => make({idempotencyKey: 'k', ...fields}).fingerprint
  const hook = {params: '{"foo":"somevalue","baz":99}', headers: '{"x-a":"1","x-b":"2"}', delay: '2', maxErrors: '3'}

  it('is the same through whichever door, however spaced', () => {
    const object = `{ "idempotencyKey": "k", "url": "${url}", "params": {"foo": "somevalue", "baz": 99}, "headers": {"X-B":"2", "x-a":"1"}, "delay": 2, "maxErrors": 3 }`
    const form = new URLSearchParams({
      ...hook,
      idempotencyKey: 'k',
      url: 'http://MyWebService.com:80/hooks/do/foo',
      delay: ' 2s ',
    })

    const tasks = [
      make({...hook, idempotencyKey: 'k'}),
      ...[fieldsFromJson(object), fieldsFromPairs(form)].map((fields) => newTask(fields, {now})),
    ]

    expect(new Set(tasks.map((task) => task.fingerprint))).toHaveLength(1)
  })

  it('does not depend on id, key, queue or the time of the request', () => {
    const later = newTask({url, ...hook, id: 'a', idempotencyKey: 'b', queue: 'c'}, {now: now + 1000})

    expect(later.fingerprint).toBe(print(hook))
  })

  it('is not made where there is no key to compare it under', () => {
    expect(make(hook).fingerprint).toBe('')
  })

  it.each<[string, TaskFields, TaskFields]>([
    ['no params and none at all', {params: '{ }'}, {}],
    ['blanks and escapes in json', {json: '{"a": "\\u00e9"}'}, {json: '{"a":"é"}'}],
    ['a content type that is the default', {body: 'x'}, {body: 'x', contentType: 'text/plain; charset=utf-8'}],
    ['an instant in another zone', {at: '2026-11-23T18:00:00+01:00'}, {at: '2026-11-23T17:00:00Z'}],
    ['a method in lower case', {method: 'post'}, {}],
    ['the order of statuses', {noRetry: '400,5xx'}, {noRetry: '5XX 400'}],
  ])('is the same for %s', (_name, one, other) => {
    expect(print(one)).toBe(print(other))
  })

  it.each<[string, TaskFields, TaskFields]>([
    ['url', {}, {url: 'http://mywebservice.com/hooks/do/bar'}],
    ['method', {}, {method: 'PUT'}],
    ['a param', {params: '{"a":1}'}, {params: '{"a":2}'}],
    ['how a number is written', {params: '{"a":1}'}, {params: '{"a":1.0}'}],
    ['the order of params', {params: '{"a":1,"b":2}'}, {params: '{"b":2,"a":1}'}],
    ['the kind of payload', {params: '{"a":1}'}, {json: '{"a":1}'}],
    ['a json string and a body', {json: '"a"'}, {body: '"a"'}],
    ['the content type', {body: 'a'}, {body: 'a', contentType: 'text/html'}],
    ['a header', {headers: '{"x-a":"1"}'}, {headers: '{"x-a":"2"}'}],
    ['delay', {}, {delay: '2'}],
    ['delay and at', {delay: '2'}, {at: '2'}],
    ['timeout', {}, {timeout: '30'}],
    ['maxErrors', {}, {maxErrors: '10'}],
    ['waits', {waits: '5'}, {waits: '6'}],
    ['maxAge', {}, {maxAge: '1h'}],
    ['noRetry', {}, {noRetry: 'none'}],
    ['flowKey', {}, {flowKey: 'http://mywebservice.com'}],
  ])('differs by %s', (_name, one, other) => {
    expect(print(one)).not.toBe(print(other))
  })
})
