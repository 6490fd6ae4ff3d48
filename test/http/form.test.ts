import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {readForm} from '../../src/http/form.js'

const invalid = expect.objectContaining({code: 'invalid_request'}) as Error

describe('readForm', () => {
  it('reads fields in the order written, the same name more than once', () => {
    expect(readForm('b=2&a=1&b=3')).toEqual([
      ['b', '2'],
      ['a', '1'],
      ['b', '3'],
    ])
  })

  it('takes + for a space, an encoded + for a plus, and all after the first = for the value', () => {
    expect(readForm('q=a+b%2Bc=d')).toEqual([['q', 'a b+c=d']])
  })

  it('takes a name alone for one with no value, and skips what is between two ampersands', () => {
    expect(readForm('&a&&b=&')).toEqual([
      ['a', ''],
      ['b', ''],
    ])
  })

  it('takes raw UTF-8 as well as encoded', () => {
    expect(readForm('é=%C3%A9%F0%9F%98%80')).toEqual([['é', 'é😀']])
  })

  it.each(['a=%', 'a=%4', 'a=%zz', '%=1', 'a=100%', 'a=%u0041', 'a=%C3', 'a=%ED%A0%80', 'a=%C0%AF', 'a=%FF', 'a=\0'])(
    'refuses %j',
    (text) => {
      expect(() => readForm(text)).toThrowError(invalid)
    },
  )

  it('refuses a thousand fields and one', () => {
    expect(() => readForm('a=1&'.repeat(1001))).toThrowError(invalid)
  })

  it('reads whatever a browser writes', () => {
    const text = fc.string({unit: 'grapheme', maxLength: 20}).filter((value) => !/\p{Surrogate}/u.test(value))
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), {maxLength: 20}), (pairs) => {
        expect(readForm(new URLSearchParams(pairs).toString())).toEqual(pairs)
      }),
    )
  })

  it('reads, or refuses as such, any text at all', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        try {
          readForm(text)
        } catch (error) {
          expect(error).toMatchObject({code: 'invalid_request'})
        }
      }),
    )
  })
})
