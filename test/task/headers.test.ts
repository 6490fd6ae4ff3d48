import {describe, expect, it} from 'vitest'

import {parseHeaders} from '../../src/task/headers.js'

const refused = expect.objectContaining({code: 'invalid_headers', field: 'headers'})

describe('parseHeaders', () => {
  it('gives names in lower case and values without blanks around them', () => {
    expect(parseHeaders('{"Authorization":" Bearer x\\t","X-Num":1.0,"user-agent":"mine","x-empty":""}')).toEqual({
      authorization: 'Bearer x',
      'x-num': '1.0',
      'user-agent': 'mine',
      'x-empty': '',
    })
  })

  it('takes what RFC 9110 takes', () => {
    expect(parseHeaders('{"!#$%&\'*+-.^_`|~09az":"a\\tb \\"~é\\u00ff"}')).toEqual({"!#$%&'*+-.^_`|~09az": 'a\tb "~éÿ'})
  })

  it('takes a name that objects have by nature', () => {
    expect(Object.entries(parseHeaders('{"__proto__":"x"}'))).toEqual([['__proto__', 'x']])
  })

  it.each([
    'Host',
    'content-length',
    'Content-Type',
    'connection',
    'Keep-Alive',
    'proxy-authorization',
    'Proxy-Connection',
    'TE',
  ])('refuses %s, which the connection decides', (name) => {
    expect(() => parseHeaders(JSON.stringify({[name]: 'x'}))).toThrowError(refused)
  })

  it.each([
    'trailer',
    'Transfer-Encoding',
    'upgrade',
    'expect',
    'webhook-id',
    'Webhook-Signature',
    'torque-queue',
    'Torque-Anything',
  ])('refuses %s, which torque decides', (name) => {
    expect(() => parseHeaders(JSON.stringify({[name]: 'x'}))).toThrowError(refused)
  })

  it.each(['', 'a b', 'a:b', 'é', 'a\n', 'a\u0000', '(a)'])('refuses the name %j', (name) => {
    expect(() => parseHeaders(JSON.stringify({[name]: 'x'}))).toThrowError(refused)
  })

  it.each(['a\r\nx: y', 'a\nb', 'a\rb', 'a\u0000b', 'a\u007fb', 'a\u001bb', '東京', '\u0100'])(
    'refuses the value %j',
    (value) => {
      expect(() => parseHeaders(JSON.stringify({'x-a': value}))).toThrowError(refused)
    },
  )

  it.each(['[]', '"x: y"', '1', 'null', '{', '{"a":null}', '{"a":["b"]}', '{"a":{}}', '{"a":true}', '{"a":"1","A":"2"}'])(
    'refuses %s',
    (text) => {
      expect(() => parseHeaders(text)).toThrowError(refused)
    },
  )

  it('takes 64 headers and no more', () => {
    const headers = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({length: count}, (_, index) => [`x-${index}`, 'v'])))

    expect(Object.keys(parseHeaders(headers(64)))).toHaveLength(64)
    expect(() => parseHeaders(headers(65))).toThrowError(refused)
  })

  it('takes 8 KiB and no more', () => {
    const header = (size: number) => JSON.stringify({'x-a': 'v'.repeat(size - 'x-a: \r\n'.length)})

    expect(parseHeaders(header(8192))).toHaveProperty('x-a')
    expect(() => parseHeaders(header(8193))).toThrowError(refused)
  })
})
