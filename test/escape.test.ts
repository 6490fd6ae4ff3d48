import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {escapeJson, escapeLines, escapeText} from '../src/escape.js'

const printable = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff]*$/u

describe('escapeText', () => {
  it.each([
    ['a\tb\nc\rd', String.raw`a\tb\nc\rd`],
    ['\u001b[2J\u0007\u007f', String.raw`\x1b[2J\x07\x7f`],
    ['\u009b31m', String.raw`\x9b31m`],
    ['safe\u202eexe.txt', String.raw`safe\u202eexe.txt`],
    ['\u2066\u2069\u200f\ufeff\u00ad', String.raw`\u2066\u2069\u200f\ufeff\xad`],
    ['\u2028\u2029', String.raw`\u2028\u2029`],
    ['\u{e0001}', String.raw`\u{e0001}`],
    ['\ud800', String.raw`\ud800`],
  ])('writes %j as %s', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped)
  })

  it('leaves text alone that is harmless, emoji and their joiners included', () => {
    const text = 'Zoë 日本 👩\u200d💻 {"a":"b\\n"} ~'

    expect(escapeText(text)).toBe(text)
  })

  it('lets nothing through that a terminal would obey', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => printable.test(escapeText(text))))
  })
})

describe('escapeLines', () => {
  it('keeps line breaks and TABs of a text of ours', () => {
    expect(escapeLines('a\n\tb\u001b')).toBe('a\n\tb\\x1b')
  })
})

describe('escapeJson', () => {
  it('keeps the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(2), (value, space) => {
        const json = escapeJson(JSON.stringify(value, null, space))
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(json.replaceAll('\n', '')).toMatch(printable)
      }),
    )
  })

  it('turns white space that is no line break into blanks', () => {
    expect(escapeJson('{\t"a":\r1}')).toBe('{ "a": 1}')
  })
})
