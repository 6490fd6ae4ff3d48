import {describe, expect, it} from 'vitest'

import {trimBlanks} from '../../src/task/trim-blanks.js'

describe('trimBlanks', () => {
  it.each([
    ['a', 'a'],
    [' \r\n\ta b\n ', 'a b'],
    ['', ''],
    [' \n ', ''],
    ['\ufeff a\u00a0', '\ufeff a\u00a0'],
  ])('makes %j to %j', (text, trimmed) => {
    expect(trimBlanks(text)).toBe(trimmed)
  })

  it('is not slowed down by blanks in the middle', () => {
    const text = `a${' '.repeat(16 << 20)}b`

    expect(trimBlanks(text)).toHaveLength(text.length)
  })
})
