import {execFileSync} from 'node:child_process'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {shellQuote} from '../src/shell-quote.js'

const shell = (script: string) => execFileSync('bash', ['--norc', '-c', script], {env: {LC_ALL: 'C.UTF-8'}}).toString()

describe('shellQuote', () => {
  it.each([
    ['http://a.example/x', 'http://a.example/x'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's $(rm) `x` !", String.raw`'it'\''s $(rm) ${'`x`'} !'`],
    ['\u001b[2J\n', String.raw`$'\033[2J\012'`],
    ["\u202e'\\", String.raw`$'\342\200\256\'\\'`],
  ])('writes %j as %s', (word, quoted) => {
    expect(shellQuote(word)).toBe(quoted)
  })

  it('means the same word to a shell', () => {
    const words = fc.array(
      fc.string({unit: 'grapheme'}).filter((word) => !word.includes('\0')),
      {minLength: 1, maxLength: 20},
    )
    fc.assert(
      fc.property(words, (list) => {
        expect(shell(`printf '%s\\0' ${list.map(shellQuote).join(' ')}`)).toBe(list.map((word) => `${word}\0`).join(''))
      }),
      {numRuns: 30},
    )
  })
})
