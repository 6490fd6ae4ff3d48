import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {Glob} from '../../src/task/glob.js'

/** The plainest way to say what a pattern means. */
const oracle = (pattern: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*')}$`,
    's',
  )

describe('Glob', () => {
  it.each([
    ['http://a/x', 'http://a/x', true],
    ['http://a/x', 'http://a/xy', false],
    ['http://a/*', 'http://a/', true],
    ['*/x', 'http://a/x/', false],
    ['*/x*', 'http://a/x/', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*ab*ab*', 'ab', false],
    ['http://[::1]/?q=(1).+', 'http://[::1]/?q=(1).+', true],
    ['http://a/?', 'http://a/x', false],
    ['*', '', true],
    ['***', 'anything', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(new Glob(pattern).matches(text)).toBe(expected)
  })

  it('agrees with a regular expression', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '/', '*'), {maxLength: 9}).map((chars) => chars.join(''))

    fc.assert(
      fc.property(letters, letters, (pattern, written) => {
        const text = written.replaceAll('*', '.')
        expect(new Glob(pattern).matches(text)).toBe(oracle(pattern).test(text))
      }),
      {numRuns: 2000},
    )
  })

  it('is done at once with what makes a backtracking matcher work for ever', () => {
    const pattern = `${'a*'.repeat(1000)}b`

    expect(new Glob(pattern).matches('a'.repeat(2000))).toBe(false)
  })
})
