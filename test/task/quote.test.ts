import {describe, expect, it} from 'vitest'

import {quote} from '../../src/task/quote.js'

describe('quote', () => {
  it('escapes what a terminal would obey', () => {
    expect(quote('a\n\u001b[31m\u007f\u009b\u202e"\ud800')).toBe('"a\\n\\u001b[31m\\u007f\\u009b\\u202e\\"\\ud800"')
  })

  it('leaves other text as it is', () => {
    expect(quote('naïve 東京 🙂')).toBe('"naïve 東京 🙂"')
  })

  it('cuts a long value and says so', () => {
    expect(quote('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(100)}"…`)
  })
})
