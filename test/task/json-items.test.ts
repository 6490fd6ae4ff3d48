import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {splitItems} from '../../src/task/json-items.js'
import {withBlanks} from '../support/json-source.js'

const limit = {maxItems: 10_000}

describe('splitItems', () => {
  it('gives the source of each item', () => {
    expect(splitItems(' [{"a":[1,2]},{"b":"],\\"[{"} , 3]\n', limit)).toEqual(['{"a":[1,2]}', '{"b":"],\\"[{"} ', ' 3'])
  })

  it.each(['[]', ' [ \n] '])('finds none in %j', (text) => {
    expect(splitItems(text, limit)).toEqual([])
  })

  it('leaves a bad item to whoever reads it', () => {
    expect(splitItems('[1,{"a":},,2]', limit)).toEqual(['1', '{"a":}', '', '2'])
  })

  it.each(['', ']', '[', '{}', '[1', '1]', '[[]', '[]]', '["]', '["a]', '["\\"]', '[{]', '[}{]', '[1],[2]', 'null'])(
    'refuses %j',
    (text) => {
      expect(() => splitItems(text, limit)).toThrowError(expect.objectContaining({code: 'invalid_json'}))
    },
  )

  it('refuses more items than asked for, before it has made them all', () => {
    expect(() => splitItems(`[${','.repeat(16 << 20)}]`, limit)).toThrowError(expect.objectContaining({code: 'too_large'}))
  })

  it('takes nesting of any depth in its stride', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)

    expect(splitItems(`[${deep},1]`, limit)).toEqual([deep, '1'])
  })

  it('is not slowed down by a long run of blanks', () => {
    // By a pattern that tries again at every blank this took minutes.
    expect(splitItems(`[1,${' '.repeat(1 << 20)}2]`, limit)).toHaveLength(2)
  })

  it('splits every array where JSON.parse does', () => {
    fc.assert(
      fc.property(fc.array(fc.json(), {minLength: 1}), fc.array(fc.constantFrom('', ' ', '\n')), (texts, blanks) => {
        const items = splitItems(withBlanks(`[${texts.join(',')}]`, blanks), limit)

        expect(items.map((item) => JSON.parse(item) as unknown)).toEqual(texts.map((text) => JSON.parse(text) as unknown))
      }),
    )
  })
})
