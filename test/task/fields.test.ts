import {describe, expect, it} from 'vitest'

import {fieldsFromJson, fieldsFromPairs, taskFieldNames} from '../../src/task/fields.js'

describe('fieldsFromPairs', () => {
  it('takes every field by its name', () => {
    const pairs = taskFieldNames.map((name) => [name, 'x'] as const)

    expect(fieldsFromPairs(pairs)).toEqual(Object.fromEntries(pairs))
  })

  it('lets the last one win, a blank one too', () => {
    const pairs = new URLSearchParams('url=a&delay=1&url=b&delay=')

    expect(fieldsFromPairs(pairs)).toEqual({url: 'b', delay: ''})
  })

  it('takes queue_name for queue', () => {
    expect(fieldsFromPairs([['queue_name', 'mail']])).toEqual({queue: 'mail'})
  })

  it.each(['URL', 'content-type', '__proto__', 'constructor', '', 'url ', 'state'])('refuses %j by name', (name) => {
    expect(() => fieldsFromPairs([[name, 'x']])).toThrowError(expect.objectContaining({code: 'unknown_field', field: name}))
  })
})

describe('fieldsFromJson', () => {
  it('takes params and headers as objects, as written', () => {
    expect(fieldsFromJson('{"params": {"a": 1.0, "10":2},"headers":{ "x-a":"1"}}')).toEqual({
      params: '{"a": 1.0, "10":2}',
      headers: '{ "x-a":"1"}',
    })
  })

  it('takes params and headers as strings that hold JSON', () => {
    expect(fieldsFromJson('{"params":"{\\"a\\":1}","headers":"{}"}')).toEqual({params: '{"a":1}', headers: '{}'})
  })

  it.each(['null', '"text"', '{"a": 1.0}', '[1]', '0', 'false', '""'])('takes json %s as that value', (text) => {
    expect(fieldsFromJson(`{"json": ${text} }`)).toEqual({json: text})
  })

  it('takes numbers as written', () => {
    expect(fieldsFromJson('{"waits":["5s",60],"noRetry":[400,"5xx"],"success":"404"}')).toEqual({
      waits: '5s,60',
      noRetry: '400,5xx',
      success: '404',
    })
    expect(fieldsFromJson('{"delay":2.50,"maxErrors":3,"at":1790000000}')).toEqual({
      delay: '2.50',
      maxErrors: '3',
      at: '1790000000',
    })
  })

  it('takes null as absent', () => {
    expect(fieldsFromJson('{"url":"/x","params":null,"delay":null,"body":null,"queue_name":null}')).toEqual({url: '/x'})
  })

  it.each([
    ['url', '{"url":{}}', 'invalid_url'],
    ['body', '{"body":[1]}', 'invalid_body'],
    ['delay', '{"delay":true}', 'invalid_delay'],
    ['idempotencyKey', '{"idempotencyKey":false}', 'invalid_idempotency_key'],
  ])('refuses a %s of another type', (field, text, code) => {
    expect(() => fieldsFromJson(text)).toThrowError(expect.objectContaining({code, field}))
  })

  it.each(['[]', 'null', '"url"', '', '{"url":"a","url":"b"}'])('refuses %j as invalid_json', (text) => {
    expect(() => fieldsFromJson(text)).toThrowError(expect.objectContaining({code: 'invalid_json'}))
  })

  it.each(['__proto__', 'priority', 'Url'])('refuses %s by name', (name) => {
    expect(() => fieldsFromJson(`{"${name}":1}`)).toThrowError(expect.objectContaining({code: 'unknown_field', field: name}))
  })

  it('takes text at the limits of a payload', () => {
    const keys = Array.from({length: 100_000}, (_, index) => `"${index}":0`).join(',')
    const deep = '['.repeat(32) + ']'.repeat(32)

    expect(fieldsFromJson(`{"json":{${keys}},"params":${deep}}`)).toMatchObject({params: deep})
  })
})
