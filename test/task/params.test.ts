import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {readObject} from '../../src/task/json-text.js'
import {checkParams, paramsToForm} from '../../src/task/params.js'

const unicode = fc.string({unit: 'binary'})

describe('paramsToForm', () => {
  it.each([
    ['the example of the README', '{"foo":"somevalue","baz":99}', 'foo=somevalue&baz=99'],
    ['no params', '{}', ''],
    ['numbers as written', '{"a":1.0,"b":1e20,"c":-0,"d":12345678901234567890}', 'a=1.0&b=1e20&c=-0&d=12345678901234567890'],
    ['a plus sign in a number', '{"a":1E+2}', 'a=1E%2B2'],
    ['booleans', '{"yes":true,"no":false}', 'yes=true&no=false'],
    ['null as an empty value', '{"a":null,"b":""}', 'a=&b='],
    [
      'an array as its key repeated',
      '{"a":[1,"b c",true,null,{"x":1},[2, 3]]}',
      'a=1&a=b+c&a=true&a=&a=%7B%22x%22%3A1%7D&a=%5B2%2C+3%5D',
    ],
    ['an empty array as nothing', '{"a":[],"b":1}', 'b=1'],
    ['a nested object as its text', '{"a":{"b": 1.0, "b2":[]}}', 'a=%7B%22b%22%3A+1.0%2C+%22b2%22%3A%5B%5D%7D'],
    ['keys in the order written', '{"b":1,"10":2,"2":3,"a":4}', 'b=1&10=2&2=3&a=4'],
    ['keys that objects have by nature', '{"__proto__":1,"constructor":2,"toString":3}', '__proto__=1&constructor=2&toString=3'],
    ['an empty key', '{"":"x"}', '=x'],
    ['spaces and marks', '{"a b":"*-._~!\'()&=+%"}', 'a+b=*-._%7E%21%27%28%29%26%3D%2B%25'],
    ['any Unicode', '{"é":"東京🙂\\u0000\\n"}', '%C3%A9=%E6%9D%B1%E4%BA%AC%F0%9F%99%82%00%0A'],
  ])('sends %s', (_name, text, form) => {
    expect(paramsToForm(text)).toBe(form)
  })

  it('encodes flat maps of strings as URLSearchParams does', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(unicode, unicode), {selector: ([key]) => key}), (pairs) => {
        const text = `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`

        expect(paramsToForm(text)).toBe(new URLSearchParams(pairs).toString())
      }),
      {numRuns: 1000},
    )
  })

  it('can be read back, arrays as repeated keys', () => {
    fc.assert(
      fc.property(fc.uniqueArray(unicode), fc.array(unicode), (keys, values) => {
        const text = `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(values)}`).join(',')}}`

        expect([...new URLSearchParams(paramsToForm(text))]).toEqual(keys.flatMap((key) => values.map((value) => [key, value])))
      }),
    )
  })

  it.each([
    '',
    '[]',
    '"a=1"',
    '1',
    'null',
    '{"a":1',
    '{"a":1,"a":2}',
    '{"a":"\\ud800"}',
    'a=1',
    "{'foo', 'somevalue'}",
    '\ufeff{}',
  ])('refuses %j', (text) => {
    expect(() => paramsToForm(text)).toThrowError(expect.objectContaining({code: 'invalid_params', field: 'params'}))
  })

  it('refuses 200,000 levels without overflowing', () => {
    expect(() => paramsToForm(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)).toThrowError(/nested/)
  })

  it.each([
    ['a string that needs no encoding', `{"a":"${'x'.repeat(1 << 20)}"}`, (1 << 20) + 2],
    ['a string that grows by encoding', `{"a":"${'é'.repeat(1 << 19)}"}`, 3 * (1 << 20) + 2],
    ['an array', `{"a":[${'1,'.repeat((1 << 19) - 1)}1]}`, (1 << 21) - 1],
  ])('sends 1 MiB of %s', (_name, text, length) => {
    expect(paramsToForm(text)).toHaveLength(length)
  })

  it('refuses a form that grows with the square of its source', () => {
    const text = `{"${'k'.repeat(1 << 19)}":[${'1,'.repeat(1 << 18)}1]}`

    expect(() => paramsToForm(text)).toThrowError(/form of more than/)
  })

  // Most params take a short cut: it must lead to the same place.
  it('sends, or refuses, the same as its reader and URLSearchParams would, whatever it is given', () => {
    fc.assert(
      fc.property(jsonLike, (text) => {
        expect(attempt(() => paramsToForm(text))).toEqual(attempt(() => formOf(text)))
        expect(attempt(() => checkParams(text))).toEqual(attempt(() => void formOf(text)))
      }),
      {numRuns: 20_000},
    )
  })
})

const blanks = fc.constantFrom('', '', '', ' ', '\t\n\r ')
const string = fc.constantFrom(
  '"a"',
  '"b"',
  '"a b@c"',
  '""',
  '"é"',
  '"\ufeff"',
  '"\u007f\u0080\u07ff\u0800\ud7ff\ue000"',
  '"🦆"',
  '"\\u0061"',
  '"\\ud800"',
  '"\ud800"',
  '"\n"',
  '"a',
  "'a'",
)
const value = fc.oneof(
  string,
  fc.constantFrom(
    '1',
    '-0',
    '1.50',
    '1e9',
    '1E+2',
    '01',
    '.5',
    '+1',
    'NaN',
    'true',
    'false',
    'null',
    'nul',
    '[]',
    '[1,"x"]',
    '{"a":1}',
    '',
  ),
)
const member = fc
  .tuple(blanks, string, blanks, fc.constantFrom(':', ':', ':', ''), blanks, value, blanks)
  .map((parts) => parts.join(''))
const jsonLike = fc
  .tuple(
    fc.constantFrom('{', '{', '{', '{', ' {', '[', ''),
    fc.array(member, {maxLength: 20, size: 'max'}).map((members) => members.join(',')),
    fc.constantFrom('}', '}', '}', '}', '} ', '},', '}x', ''),
  )
  .map((parts) => parts.join(''))

/** The form by the long way. */
function formOf(text: string): string {
  const pairs = readObject(text, {code: 'invalid_params', field: 'params'}).flatMap(({key, value: given}) =>
    (given.kind === 'array' ? given.items : [given]).map((item) => {
      const sent = item.kind === 'string' ? item.value : item.kind === 'null' ? '' : item.text
      return [key, sent] as [string, string]
    }),
  )
  return new URLSearchParams(pairs).toString()
}

function attempt<T>(what: () => T): T | string {
  try {
    return what()
  } catch (error) {
    return String(error)
  }
}
